// `npm run bench`: install, build, then measure; `npm run bench -- NAME…` only some parts, `--quick` a short look.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { bootstrap, node24, root } from './bootstrap.mjs'

bootstrap()
const child = spawn(node24, [join(root, 'bench', 'run.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${dirname(node24)}:${process.env.PATH}` },
})
// The terminal sends Ctrl-C to the whole group; the bench ends what it started by itself.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => signal === 'SIGTERM' && child.kill(signal))
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
