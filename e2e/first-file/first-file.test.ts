import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { removeFolder } from '../../src/demo/remove-folder.ts'
import { build, Plane } from '../rig/plane.ts'

type Files = Readonly<Record<string, string>>

const SERVER = `
import { createServer } from 'node:http'
const server = createServer((request, response) => response.end(request.url === '/healthz' ? 'ok' : 'hello'))
server.listen(process.env.PORT ?? 3000)
process.on('SIGTERM', () => server.close())
`
const NODE: Files = {
  'package.json': JSON.stringify({
    name: 'hello',
    type: 'module',
    scripts: { start: 'node server.js' },
  }),
  'server.js': SERVER,
}
const WORKSPACE: Files = {
  'package.json': JSON.stringify({
    name: 'shop',
    private: true,
    workspaces: ['services/*', 'lib'],
  }),
  'lib/package.json': JSON.stringify({ name: '@shop/lib' }),
  'services/orders/package.json': JSON.stringify({
    name: '@shop/orders',
    scripts: { start: 'node server.js', test: 'node --test' },
    dependencies: { '@shop/lib': '*' },
  }),
  'services/orders/server.js': SERVER,
  'services/web/package.json': JSON.stringify({
    name: '@shop/web',
    scripts: { start: 'node server.js' },
    dependencies: { '@shop/orders': '*' },
  }),
  'services/web/server.js': SERVER,
}
const MIXED: Files = {
  'compose.yaml': `services:
  api: { build: ./api, ports: ['8000:8000'], depends_on: [db] }
  worker: { build: ./worker }
  db: { image: postgres:17 }
`,
  'api/Dockerfile': 'FROM python:3.13\nEXPOSE 8000\nCMD ["python", "-m", "api"]\n',
  'api/pyproject.toml': '[project]\nname = "api"\nversion = "1.0.0"\n',
  'worker/go.mod': 'module example.com/worker\n\ngo 1.25\n',
  'worker/main.go': 'package main\n\nfunc main() {}\n',
  'worker/Dockerfile': 'FROM golang:1.25\nCMD ["/worker"]\n',
  'legacy/Procfile': 'web: ./serve --port $PORT\n',
}

describe('slipway init', () => {
  let folder: string
  before(() => {
    build()
    folder = mkdtempSync(join(tmpdir(), 'slipway-e2e-'))
    mkdirSync(join(folder, 'logs'))
  })
  after(() => removeFolder(folder))

  /** A repository of these files, with one commit. */
  function repository(name: string, files: Files): Plane {
    const root = join(folder, name)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', root])
    commit(root)
    return new Plane(root, join(folder, 'logs'))
  }

  const cases: readonly (readonly [string, Files, readonly string[]])[] = [
    ['one-package', NODE, ['hello']],
    ['workspace', WORKSPACE, ['orders', 'web']],
    ['compose', MIXED, ['api', 'legacy', 'worker']],
  ]
  for (const [name, files, services] of cases) {
    it(`${name}: writes a file that check accepts, and says what it guessed`, async () => {
      const plane = repository(name, files)
      const made = await plane.slipway('init')
      assert.equal(made.code, 0, made.err)
      for (const service of services)
        assert.match(made.err, new RegExp(`^${service}: service in `, 'm'))
      const checked = await plane.slipway('check', '--json')
      assert.equal(checked.code, 0, checked.out)
      assert.equal(JSON.parse(checked.out).services, services.length)
      const again = await plane.slipway('init')
      assert.equal(again.code, 2)
      assert.match(again.err, /slipway\.yaml is there already/)
    })
  }

  it('refuses a repository without a service, and writes nothing', async () => {
    const plane = repository('empty', { 'README.md': 'words\n' })
    const said = await plane.slipway('init')
    assert.equal(said.code, 2)
    assert.match(said.err, /^slipway: found no service in /)
    assert.equal((await plane.slipway('check')).code, 2)
  })

  it('as written, takes the first commit to every environment that it names', async () => {
    const plane = repository('to-production', NODE)
    assert.equal((await plane.slipway('init')).code, 0)
    const head = commit(plane.folder)
    try {
      await plane.startNode()
      await plane.startServe()
      const { environments } = await plane.api.status()
      assert.ok(environments.length > 0, readFileSync(join(plane.folder, 'slipway.yaml'), 'utf8'))
      for (const { name } of environments) assert.equal(await plane.settled(head, name), 'passed')
    } finally {
      await plane.close()
    }
  })
})

/** Commits all there is; returns the full SHA. */
function commit(root: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  git('add', '--all')
  git(...author, '-c', 'commit.gpgsign=false', 'commit', '--quiet', '--message', 'Write it')
  return git('rev-parse', 'HEAD').trim()
}
