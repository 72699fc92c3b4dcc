// `npm start`: install, build, then the main job. Arguments after `--` go to `slipway demo`.
import { spawn } from 'node:child_process'
import { bootstrap, bundle, node24, root } from './bootstrap.mjs'

bootstrap()
const child = spawn(node24, [bundle, 'demo', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
// The terminal sends Ctrl-C to the whole group; the job cleans up and ends by itself.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => signal === 'SIGTERM' && child.kill(signal))
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 130 : (code ?? 3)
})
