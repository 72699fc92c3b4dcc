import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { checkProject, type Project, parseProject } from '../index.ts'
import type { Tree } from './candidate.ts'
import { detectServices } from './detect.ts'
import { firstFile } from './first-file.ts'
import { listing } from './listing.ts'

type Files = Readonly<Record<string, string>>

/** Writes the files to a folder, lets init's parts find its services, and wants `check` to accept the result. */
function initialised(files: Files): { project: Project; notes: readonly string[] } {
  const root = mkdtempSync(join(tmpdir(), 'slipway-detect-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    const { text, notes } = firstFile(detectServices(listing(root)), 'my Shop', 'main')
    const file = join(root, 'slipway.yaml')
    writeFileSync(file, text)
    const checked = checkProject(file)
    assert.ok('project' in checked, JSON.stringify(checked))
    return { project: checked.project, notes }
  } finally {
    rmSync(root, { recursive: true })
  }
}

const packageJson = (fields: object) => JSON.stringify(fields)

test('a node workspace: members with a start are services, the others what they are made of', () => {
  const { project, notes } = initialised({
    'package.json': packageJson({
      name: 'shop',
      workspaces: ['packages/*', '!packages/old'],
      scripts: { start: 'npm-run-all start:*' },
    }),
    'package-lock.json': '{}',
    'packages/catalog/package.json': packageJson({
      name: '@shop/catalog',
      scripts: { start: 'node dist/server.js', build: 'tsc', test: 'node --test' },
      dependencies: { '@shop/money': '*', hono: '4' },
    }),
    'packages/catalog/src/server.ts': `app.get('/healthz', ok); serve({ port: process.env.PORT ?? 3000 })`,
    'packages/catalog/openapi.yaml': 'openapi: 3.1.0',
    'packages/web/package.json': packageJson({
      name: '@shop/web',
      scripts: { start: 'next start', test: 'echo "Error: no test specified" && exit 1' },
      dependencies: { '@shop/catalog': '*' },
    }),
    'packages/money/package.json': packageJson({ name: '@shop/money' }),
    'packages/old/package.json': packageJson({ name: 'old', scripts: { start: 'node x.js' } }),
    'packages/web/node_modules/dep/package.json': packageJson({ scripts: { start: 'node x.js' } }),
  })
  assert.equal(project.name, 'my-shop')
  assert.deepEqual(Object.keys(project.services), ['catalog', 'web'])
  const { catalog, web } = project.services
  assert.equal(catalog?.start, 'node dist/server.js')
  assert.equal(catalog?.build.run, 'npm run build')
  assert.deepEqual(catalog?.build.output, ['dist', 'package.json'])
  assert.equal(catalog?.test?.run, 'npm test')
  assert.equal(catalog?.ready.path, '/healthz')
  assert.equal(catalog?.port, 3000)
  assert.equal(catalog?.api, 'openapi.yaml')
  assert.deepEqual(catalog?.inputs, ['packages/money/**'])
  assert.equal(web?.start, 'npx --no-install next start')
  assert.equal(web?.test, null)
  assert.deepEqual(web?.needs, { catalog: '*' })
  assert.ok(
    notes.includes('catalog.ready: /healthz  (from packages/catalog/src/server.ts)'),
    notes.join('\n'),
  )
  assert.ok(
    notes.includes(
      'packages/money/package.json: nothing starts it: taken as a library, not a service',
    ),
  )
})

test('a plain package.json without a start script: the file that listens is started', () => {
  const { project } = initialised({
    'package.json': packageJson({ name: 'hello', dependencies: { express: '5' } }),
    'package-lock.json': '{}',
    'server.js': `express().listen(process.env.PORT || 8080)`,
  })
  const { hello } = project.services
  assert.equal(hello?.path, '.')
  assert.equal(hello?.start, 'node server.js')
  assert.equal(hello?.install, 'npm ci')
  assert.equal(hello?.port, 8080)
  assert.equal(hello?.ready.path, null)
})

test('python: pyproject with FastAPI and pytest, requirements.txt with Flask', () => {
  const { project } = initialised({
    'services/orders/pyproject.toml': `[project]\nname = "orders"\ndependencies = ["fastapi"]\n[tool.pytest.ini_options]\n`,
    'services/orders/orders/main.py': `service = FastAPI()\n@service.get("/ready")\ndef ready(): ...\n`,
    'services/orders/tests/test_main.py': 'def test_it(): ...',
    'services/pages/requirements.txt': 'flask\n',
    'services/pages/app.py': `from flask import Flask\napp = Flask(__name__)\n`,
    'libs/money/pyproject.toml': `[project]\nname = "money"\n`,
  })
  assert.deepEqual(Object.keys(project.services), ['orders', 'pages'])
  const { orders, pages } = project.services
  assert.equal(
    orders?.start,
    'PYTHONPATH=vendor:src:. python3 -m uvicorn orders.main:service --host 127.0.0.1 --port $PORT',
  )
  assert.equal(orders?.test?.run, 'PYTHONPATH=vendor:src:. python3 -m pytest')
  assert.equal(orders?.ready.path, '/ready')
  assert.deepEqual(orders?.build.dependencies, ['vendor'])
  assert.equal(
    pages?.start,
    'PYTHONPATH=vendor:src:. python3 -m flask --app app:app run --port $PORT',
  )
  assert.equal(pages?.install, 'python3 -m pip install --quiet --target vendor -r requirements.txt')
})

test('go: one module, and the programs of cmd/ of another', () => {
  const { project } = initialised({
    'gateway/go.mod': 'module example.org/shop/gateway\n\ngo 1.24\n',
    'gateway/main.go': `package main\n// …\nhttp.HandleFunc("GET /healthz", ok)\nhttp.ListenAndServe(":9090", nil)\n`,
    'gateway/main_test.go': 'package main\n',
    'back/go.mod': 'module example.org/back\n',
    'back/cmd/stock/main.go': 'package main\n',
    'back/cmd/price/main.go': 'package main\n',
    'back/internal/db/db.go': 'package db\n',
  })
  assert.deepEqual(Object.keys(project.services).toSorted(), ['gateway', 'price', 'stock'])
  const { gateway, stock } = project.services
  assert.equal(gateway?.build.run, 'CGO_ENABLED=0 go build -trimpath -o bin/gateway .')
  assert.deepEqual(gateway?.build.output, ['bin/gateway'])
  assert.deepEqual(gateway?.build.dependencies, [])
  assert.equal(gateway?.start, './bin/gateway')
  assert.equal(gateway?.test?.run, 'go test ./...')
  assert.equal(gateway?.ready.path, '/healthz')
  assert.equal(gateway?.port, 9090)
  assert.equal(stock?.path, 'back/cmd/stock')
  assert.ok(stock?.inputs.includes('back/internal/**'))
})

test('a Procfile: its web process, its fixed port made the one that it is given', () => {
  const { project, notes } = initialised({
    Procfile:
      'release: ./migrate\nweb: gunicorn shop.wsgi -b 0.0.0.0:8000\nworker: celery worker\n',
  })
  const service = project.services.service ?? Object.values(project.services)[0]
  assert.equal(service?.start, 'gunicorn shop.wsgi -b 0.0.0.0:$PORT')
  assert.equal(service?.port, 8000)
  assert.ok(notes.some((note) => note.startsWith('Procfile: worker (celery worker) is left out')))
})

test('compose: names, inner ports and depends_on; images from elsewhere are told', () => {
  const { project, notes } = initialised({
    'compose.yaml': `
x-common: &common { restart: always }
services:
  api:
    <<: *common
    build: { context: ./backend }
    ports: ["127.0.0.1:8080:3000"]
    depends_on: { db: { condition: service_healthy } }
    environment: [SECRET=very, LOG=info]
  front:
    build: ./frontend
    ports: [{ target: 4000, published: 80 }]
    depends_on: [api]
    command: ["node", "a b.js"]
  db: { image: "postgres:17" }
`,
    'backend/Dockerfile': `FROM node:24 AS build\nCMD ["false"]\nFROM node:24\nEXPOSE 3000\nCMD ["node", "server.js"]\n`,
    'frontend/Dockerfile': 'FROM scratch\nENTRYPOINT ["/bin/app"]\n',
  })
  assert.deepEqual(Object.keys(project.services), ['api', 'front'])
  const { api, front } = project.services
  assert.equal(api?.path, 'backend')
  assert.equal(api?.start, 'node server.js')
  assert.equal(api?.port, 3000)
  assert.deepEqual(front?.needs, { api: '*' })
  assert.equal(front?.start, "node 'a b.js'")
  assert.equal(front?.port, 4000)
  assert.ok(notes.some((note) => note.includes('db (postgres:17) is not built here')))
  const environment = notes.find((note) => note.includes('the environment of api'))
  assert.match(environment ?? '', /SECRET, LOG/)
  assert.doesNotMatch(notes.join('\n'), /very/)
})

test('mixed ecosystems in one repository, two folders of one name, needs in a circle', () => {
  const { project } = initialised({
    'a/server/package.json': packageJson({ name: 'one', scripts: { start: 'node a.js' } }),
    'b/server/go.mod': 'module two\n',
    'b/server/main.go': 'package main\n',
    'docker-compose.yml': `
services:
  x: { build: c, depends_on: [y], command: ./x --port=7000 }
  y: { build: d, depends_on: [x], command: ./y }
`,
    'd/Dockerfile': 'FROM scratch\n',
    'broken/package.json': '{ "name": ',
    'compose.yaml': 'services: [',
    'c/Dockerfile': 'FROM scratch\n',
  })
  assert.deepEqual(Object.keys(project.services).toSorted(), ['server', 'two', 'x', 'y'])
  assert.equal(project.services.x?.start, './x --port=$PORT')
  const needs = [project.services.x?.needs, project.services.y?.needs]
  assert.equal(needs.filter((each) => Object.keys(each ?? {}).length > 0).length, 1)
})

test('the branch may have the name of an environment', () => {
  const tree: Tree = { files: ['Procfile'], read: () => 'web: ./run' }
  const { text } = firstFile(detectServices(tree), '123', 'dev')
  const parsed = parseProject(text, '/repo/slipway.yaml')
  assert.ok('project' in parsed)
  assert.deepEqual(parsed.project.environments.dev?.from, { kind: 'branch', branch: 'dev' })
})

test('nothing that starts: no service', () => {
  assert.deepEqual(detectServices({ files: ['README.md'], read: () => 'hi' }).services, [])
})
