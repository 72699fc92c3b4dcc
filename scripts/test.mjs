// `npm test`: install, build, then every test; `npm test -- PATH…` runs only those files.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { bootstrap, node24, root } from './bootstrap.mjs'

bootstrap()
const given = process.argv.slice(2)
// Stories start whole systems and send them traffic: one at a time, after all that is quick.
const rounds = [
  {
    jobs: 2,
    files: [
      'src/**/*.test.ts',
      'test/**/*.test.ts',
      'examples/**/test/*.test.ts',
      'bench/**/*.test.ts',
    ],
  },
  { jobs: 1, files: ['e2e/**/*.test.ts'] },
]
for (const { jobs, files } of given.length > 0 ? [{ jobs: 1, files: given }] : rounds) {
  const args = ['--test', `--test-concurrency=${jobs}`, '--test-timeout=600000', ...files]
  const { status } = spawnSync(node24, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${dirname(node24)}:${process.env.PATH}` },
  })
  if (status !== 0) process.exitCode = 1
}
