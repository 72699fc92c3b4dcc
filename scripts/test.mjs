// `npm test`: install, build, then every test; `npm test -- PATH…` runs only those files.
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { bootstrap, node24, root } from './bootstrap.mjs'

bootstrap()
const given = process.argv.slice(2)
const files =
  given.length > 0
    ? given
    : [
        'src/**/*.test.ts',
        'test/**/*.test.ts',
        'examples/**/test/*.test.ts',
        'bench/**/*.test.ts',
        'e2e/**/*.test.ts',
      ]
const args = ['--test', '--test-concurrency=2', '--test-timeout=600000', ...files]
const child = spawn(node24, args, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${dirname(node24)}:${process.env.PATH}` },
})
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
