import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { ConfigError, jsonSchema } from '../config/index.ts'
import { verb as check } from './check.ts'
import { verb as explain } from './explain.ts'
import { verb as init } from './init.ts'
import { verb as schema } from './schema.ts'
import type { ExitCode, Verb } from './verb.ts'

type Call = {
  readonly args?: readonly string[]
  readonly options?: Readonly<Record<string, unknown>>
  readonly json?: boolean
}

type Said = { readonly code: ExitCode; readonly out: string; readonly notes: string }

class Repository implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'slipway-verbs-'))

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path))
  }

  async run(verb: Verb, call: Call = {}): Promise<Said> {
    const out: string[] = []
    const notes: string[] = []
    const context = {
      cwd: this.root,
      env: {},
      out: (text: string) => out.push(text),
      note: (text: string) => notes.push(text),
      isTerminal: false,
      columns: null,
      json: call.json ?? false,
      signal: new AbortController().signal,
    }
    const code = await verb.run(context, call.args ?? [], call.options ?? {})
    return { code, out: out.join('\n'), notes: notes.join('\n') }
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true })
  }
}

function shop(): Repository {
  const repository = new Repository()
  repository.write('orders/run', '')
  repository.write('pages/run', '')
  repository.write(
    'slipway.yaml',
    `project: shop
services:
  orders: { path: orders, start: ./run, build: make, drain: 30s }
  pages: { path: pages, start: ./run, needs: [orders] }
environments:
  production: { from: main, strategy: canary }
`,
  )
  return repository
}

const code = (wanted: string) => (error: unknown) =>
  error instanceof ConfigError && error.code === wanted

test('check: a right file', async () => {
  using repository = shop()
  const said = await repository.run(check)
  assert.deepEqual(said, {
    code: 0,
    out: 'slipway.yaml is right: 2 services, 1 environment',
    notes: '',
  })
})

test('check: mistakes in the text, for people and as JSON', async () => {
  using repository = shop()
  repository.write('other.yaml', 'project: shop\nservices:\n  a: { path: a, strat: x }\n')
  const said = await repository.run(check, { args: ['other.yaml'] })
  assert.equal(said.code, 2)
  assert.equal(said.notes, 'other.yaml has 2 problems')
  const json = await repository.run(check, { args: ['other.yaml'], json: true })
  assert.equal(json.code, 2)
  const answer = JSON.parse(json.out)
  assert.equal(answer.ok, false)
  assert.deepEqual(answer.problems[0], {
    file: 'other.yaml',
    line: 3,
    column: 3,
    path: 'services.a.start',
    message: 'is missing',
    hint: 'write the command that starts an instance, run in the artifact, with PORT in its environment',
  })
})

test('check: what the file names must be on disk', async () => {
  using repository = shop()
  const text = repository.read('slipway.yaml')
  repository.write(
    'slipway.yaml',
    text.replace('path: pages', 'path: page').replace('build: make', 'api: openapi.yaml'),
  )
  const said = await repository.run(check)
  assert.equal(said.code, 2)
  assert.deepEqual(said.out.split('\n'), [
    'slipway.yaml:3:46: services.orders.api: there is no file orders/openapi.yaml; the path is relative to the service',
    `slipway.yaml:4:18: services.pages.path: there is no folder page; below ${repository.root}`,
  ])
})

test('check: no file at all', async () => {
  using repository = new Repository()
  await assert.rejects(repository.run(check), code('project-file-missing'))
  await assert.rejects(repository.run(check, { args: ['x'] }), code('project-file-missing'))
  await assert.rejects(repository.run(check, { args: ['.'] }), code('project-file-unreadable'))
})

test('explain: meaning, type, default and what holds, with its place', async () => {
  using repository = shop()
  const said = await repository.run(explain, { args: ['services.*.drain'] })
  assert.equal(
    said.out,
    `services.*.drain
  How long an instance may go on answering after traffic has left it.
  type     a duration such as 500ms, 10s, 3m, 2h or 3d
  default  10s
  here
    services.orders.drain: 30s  (slipway.yaml:3:61)
    services.pages.drain: 10s  (the default)`,
  )
})

test('explain: what a shorthand says of a key below it', async () => {
  using repository = shop()
  const said = await repository.run(explain, { args: ['services.orders.build.run'], json: true })
  assert.deepEqual(JSON.parse(said.out).values, [
    {
      path: 'services.orders.build.run',
      value: 'make',
      place: 'slipway.yaml:3:48',
      origin: 'by services.orders.build: make',
    },
  ])
})

test('explain: every key of the schema has a meaning', async () => {
  using repository = new Repository()
  const missing: string[] = []
  const visit = async (path: string): Promise<void> => {
    const said = await repository.run(explain, { args: [path], json: true })
    const { meaning, keys } = JSON.parse(said.out)
    if (meaning === '') missing.push(path)
    for (const { key } of keys) await visit(path === '' ? key : `${path}.${key}`)
  }
  for (const start of ['', 'services.*', 'pipeline.*', 'environments.*']) await visit(start)
  for (const start of ['environments.*.strategy.canary[0]', 'services.*.test.services.*'])
    await visit(start)
  assert.deepEqual(missing, [])
})

test('explain: an unknown key, an unknown service, a project that is wrong', async () => {
  using repository = shop()
  await assert.rejects(repository.run(explain, { args: ['services.orders.dran'] }), {
    code: 'project-path-unknown',
    message:
      /^services\.orders\.dran: there is no key "dran" below services\.orders; did you mean services\.orders\.drain\? \(known: path, /,
  })
  const other = await repository.run(explain, { args: ['services.order.drain'], json: true })
  assert.equal(
    JSON.parse(other.out).values[0].origin,
    'there is no "order" in services; did you mean "orders"?',
  )
  repository.write('slipway.yaml', 'projct: shop\n')
  const wrong = await repository.run(explain, { args: ['replicas'] })
  assert.match(wrong.notes, /^slipway\.yaml has problems/)
})

test('schema: printed, written, and never half of it', async () => {
  using repository = new Repository()
  const printed = await repository.run(schema)
  assert.deepEqual(JSON.parse(printed.out), jsonSchema())
  await repository.run(schema, { options: { write: 'schema.json' } })
  assert.deepEqual(JSON.parse(repository.read('schema.json')), jsonSchema())
  await assert.rejects(
    repository.run(schema, { options: { write: 'no/such/folder.json' } }),
    code('schema-not-written'),
  )
})

test('init: writes what check accepts, tells what it guessed, and replaces nothing unasked', async () => {
  using repository = new Repository()
  await assert.rejects(repository.run(init), code('no-service-found'))
  repository.write('web/package.json', '{ "scripts": { "start": "node server.js" } }')
  repository.write('.git/HEAD', 'ref: refs/heads/trunk\n')
  const printed = await repository.run(init, { options: { print: true } })
  assert.equal(repository.has('slipway.yaml'), false)
  const said = await repository.run(init)
  assert.equal(said.code, 0)
  assert.equal(repository.read('slipway.yaml').trimEnd(), printed.out)
  assert.match(
    said.notes,
    /^web: service in web\nweb\.start: node server\.js {2}\(from web\/package\.json\)$/m,
  )
  assert.match(printed.out, /^ {2}dev: \{ from: \{ branch: trunk \}, replicas: 1 \}$/m)
  assert.equal((await repository.run(check)).code, 0)
  repository.write('slipway.yaml', 'mine: true\n')
  await assert.rejects(repository.run(init), code('project-file-exists'))
  assert.equal(repository.read('slipway.yaml'), 'mine: true\n')
  assert.equal((await repository.run(init, { options: { force: true } })).code, 0)
  assert.equal((await repository.run(check)).code, 0)
})
