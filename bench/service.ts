import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './program.ts'

const SERVER = `import { createServer } from 'node:http'
const server = createServer((req, res) => res.end('hello'))
server.listen(process.env.PORT, '127.0.0.1')
process.on('SIGTERM', () => server.close(() => process.exit()))
`

/** Makes the folder a repository of one tiny service, going to one environment. */
export function writeService(folder: string): void {
  const file = `project: tiny
services:
  hello: { path: ., start: node server.mjs, ready: / }
environments:
  production: { from: main, strategy: rolling, replicas: 1 }
`
  writeFileSync(join(folder, 'slipway.yaml'), file)
  writeFileSync(join(folder, 'server.mjs'), SERVER)
  writeFileSync(join(folder, '.gitignore'), '.slipway\n')
  const git = (...args: string[]) =>
    run(['git', '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      cwd: folder,
    })
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('-c', 'commit.gpgsign=false', 'commit', '--quiet', '--message', 'Begin')
}
