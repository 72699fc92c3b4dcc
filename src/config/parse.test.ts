import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem, type Project, parseProject } from './index.ts'

function problemsIn(text: string): readonly string[] {
  const parsed = parseProject(text, 'slipway.yaml')
  return 'problems' in parsed ? parsed.problems.map(formatProblem) : []
}

function projectOf(text: string): Project {
  const parsed = parseProject(text, '/repo/slipway.yaml')
  assert.ok('project' in parsed, problemsIn(text).join('\n'))
  return parsed.project
}

/** A right file around the part that a test is about. */
function withService(lines: string): string {
  return `project: shop\nservices:\n  orders:\n    path: orders\n    start: ./run\n${lines}`
}

const shop = `project: shop
services:
  catalog:
    path: services/catalog
    build: { run: npm run build, output: dist }
    start: node dist/server.js
    port: 3000
    ready: /healthz
    api: openapi.yaml
  storefront:
    path: ./services/storefront/
    start: node server.js
    needs: { catalog: ">=1.2" }
    objectives: { p95: 1s }
    env: { ZIP: 01234, LEVEL: 1.10, TOKEN: { env: SHOP_TOKEN }, DEBUG: false }
objectives: { errors: 0.1%, p95: 250ms }
analysis: { beta: 10%, dwell: 5s }
replicas: 3
pipeline:
  lint: { run: npm run lint, before: build, services: all }
  smoke: npm run smoke
environments:
  dev: { from: main, strategy: rolling, replicas: 1 }
  staging: { from: dev, verify: smoke }
  production:
    from: staging
    approve: [release-managers]
    soak: 1h
    strategy: { canary: [{ header: { X-Canary: "true" } }, 5, { pause: 10m }, { weight: 25 }, { pause: true }, 100] }
    services: { catalog: { strategy: { blue-green: { hold: 3m } }, env: { A: b } } }
    analysis: { alpha: 0.001, risk: 2% }
roles: { release-managers: ada@example.org }
`

test('the file of the README: shorthands, units, and what parts take from the whole', () => {
  const project = projectOf(shop)
  const { catalog, storefront } = project.services
  assert.equal(project.root, '/repo')
  assert.deepEqual(catalog?.build, {
    builder: 'layers',
    run: 'npm run build',
    output: ['dist'],
    dependencies: ['node_modules'],
    env: {},
    timeoutSeconds: 600,
  })
  assert.deepEqual(catalog?.ready, {
    path: '/healthz',
    intervalSeconds: 1,
    timeoutSeconds: 1,
    deadlineSeconds: 60,
  })
  assert.deepEqual(catalog?.objectives, { errorRate: 0.001, p95Ms: 250 })
  assert.equal(catalog?.replicas, 3)
  assert.equal(catalog?.drainSeconds, 10)
  assert.equal(storefront?.path, 'services/storefront')
  assert.deepEqual(storefront?.needs, { catalog: '>=1.2' })
  assert.deepEqual(storefront?.objectives, { errorRate: 0.001, p95Ms: 1000 })
  // Numbers under env are kept as they are written: a zip code is no octal, 1.10 is not 1.1.
  assert.deepEqual(storefront?.env, {
    ZIP: '01234',
    LEVEL: '1.10',
    TOKEN: { env: 'SHOP_TOKEN' },
    DEBUG: 'false',
  })
  assert.deepEqual(project.pipeline.lint?.services, ['catalog', 'storefront'])
  const { dev, production } = project.environments
  assert.deepEqual(dev?.from, { kind: 'branch', branch: 'main' })
  assert.deepEqual(dev?.strategy, { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 })
  assert.deepEqual(production?.from, { kind: 'environment', environment: 'staging' })
  assert.deepEqual(production?.strategy, {
    kind: 'canary',
    steps: [
      { kind: 'header', name: 'x-canary', value: 'true' },
      { kind: 'weight', weight: 5 },
      { kind: 'pause', seconds: 600 },
      { kind: 'weight', weight: 25 },
      { kind: 'pause', seconds: null },
      { kind: 'weight', weight: 100 },
    ],
  })
  assert.deepEqual(production?.services.catalog, {
    replicas: null,
    env: { A: 'b' },
    strategy: { kind: 'blue-green', holdSeconds: 180 },
  })
  assert.deepEqual(production?.analysis, {
    judge: 'sequential',
    alpha: 0.001,
    beta: 0.1,
    risk: 0.02,
    warmSeconds: 30,
    dwellSeconds: 5,
    maxSeconds: 1800,
    inconclusive: 'ask',
  })
  assert.deepEqual(project.roles, { 'release-managers': ['ada@example.org'] })
})

/**
 * The face of the product when something is wrong: ten different mistakes in one file, all told at
 * once, in the order of the lines, each with its place, what is wrong, and what would be right.
 */
test('ten mistakes in one file', () => {
  const text = `project: shop
services:
  orders:
    path: ../orders                            #  1 leaves the repository
    start: node server.js
    reday: /healthz                            #  2 a typo in a key
    drain: 10                                  #  3 a number without its unit
    needs: [catlog]                            #  4 a service that nobody defined
  catalog:
    path: catalog                              #  5 the start command is missing (told at line 9)
    needs: { storefront: newest }              #  6 no range of versions
  storefront:
    path: storefront
    start: 3000                                #  7 a number where a text must stand
    needs: [catalog]                           #  8 a circle
environments:
  production:
    from: pull-request                         #  9 not supported yet
    strategy: { canary: [5, 25, 10] }          # 10 weights fall and do not reach 100
`
  const service =
    'path, start, needs, inputs, install, build, test, port, ready, drain, stop, memory, replicas, sticky, env, api, objectives'
  assert.deepEqual(problemsIn(text), [
    'slipway.yaml:4:11: services.orders.path: leaves the repository: write a path below the folder of slipway.yaml, with /',
    `slipway.yaml:6:5: services.orders.reday: unknown key; did you mean "ready"? (known: ${service})`,
    'slipway.yaml:7:12: services.orders.drain: must be a duration such as 500ms, 10s, 3m, 2h or 3d, not 10; did you mean 10s?',
    'slipway.yaml:8:13: services.orders.needs[0]: unknown service "catlog"; did you mean "catalog"? (known: orders, catalog, storefront)',
    'slipway.yaml:9:3: services.catalog.start: is missing; write the command that starts an instance, run in the artifact, with PORT in its environment',
    'slipway.yaml:11:26: services.catalog.needs.storefront: is not a range of versions: write one such as ">=1.2" or "^2.0.0"',
    'slipway.yaml:14:12: services.storefront.start: must be text, not 3000; as text it is "3000", with the quotes',
    'slipway.yaml:15:13: services.storefront.needs[0]: services need each other in a circle: catalog → storefront → catalog; remove one of these needs',
    'slipway.yaml:18:11: environments.production.from: pull-request is not supported yet: name a branch or an environment',
    'slipway.yaml:19:25: environments.production.strategy.canary: weights must rise, but 25 is followed by 10',
    'slipway.yaml:19:25: environments.production.strategy.canary: must end at weight 100: add 100 as the last step',
  ])
})

/** One mistake each: what is written below `orders`, and all that is said about it. */
const mistakes: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'a word that is near a known one',
    'environments:\n  dev: { from: main, strategy: rollin }',
    [
      '7:32: environments.dev.strategy: must be one of recreate, rolling, blue-green, canary, shadow, or a map of one of them, not "rollin"; did you mean "rolling"?',
    ],
  ],
  [
    'a typo inside a shorthand is told inside it',
    'environments:\n  dev: { from: main, strategy: { canary: [5, { pase: 1m }, 100] } }',
    [
      '7:48: environments.dev.strategy.canary[1].pase: unknown key; did you mean "pause"? (known: weight, header, pause)',
    ],
  ],
  [
    'two strategies at once',
    'environments:\n  dev: { from: main, strategy: { recreate: {}, rolling: {} } }',
    [
      '7:32: environments.dev.strategy: must have exactly one of recreate, rolling, blue-green, canary, shadow',
    ],
  ],
  [
    'a rolling update that could never move',
    'environments:\n  dev: { from: main, strategy: { rolling: { maxSurge: 0 } } }',
    [
      '7:43: environments.dev.strategy.rolling: maxSurge and maxUnavailable are both 0: nothing could ever be replaced',
    ],
  ],
  [
    'an accepted error that is none',
    'analysis: { alpha: 0, beta: 50% }',
    [
      '6:20: analysis.alpha: must be over 0 and under 0.5: the chance of a wrong verdict that you accept',
      '6:29: analysis.beta: must be over 0 and under 0.5: the chance of a wrong verdict that you accept',
    ],
  ],
  [
    'a percentage without its sign',
    'objectives: { errors: 1 }',
    ['6:23: objectives.errors: must be a percentage such as 0.1%, not 1; did you mean 1%?'],
  ],
  [
    'a timeout of nothing',
    '    test: { run: x, timeout: 0s }',
    ['6:30: services.orders.test.timeout: must be longer than 0s'],
  ],
  [
    'a variable that Slipway gives',
    '    env: { PORT: 3000 }',
    ['6:12: services.orders.env.PORT: is given to each instance by Slipway: remove it'],
  ],
  [
    'a secret from two places',
    '    env: { A: { env: X, file: y } }',
    ['6:15: services.orders.env.A: must have exactly one of env, file'],
  ],
  [
    'a name that cannot be a host name',
    '  Order_Items: { path: b, start: c }',
    [
      '6:3: services.Order_Items: must be a name of small letters, digits and single -, at most 40 long; did you mean "order-items"?',
    ],
  ],
  [
    'two services in one folder',
    '  other: { path: ./orders/, start: c }',
    ['6:18: services.other.path: is the path of orders already: a folder is one service'],
  ],
  [
    'a key of a builder that is not there yet',
    '    build: { dockerfile: Dockerfile }',
    [
      '6:14: services.orders.build.dockerfile: is not supported yet: the builder `layers` needs none; write run and output',
    ],
  ],
  [
    'environments in a circle; a branch may have been meant',
    'environments:\n  a: { from: b }\n  b: { from: a }\n  c: { from: c }',
    [
      '8:14: environments.b.from: environments come from each other in a circle: a → b → a; if a branch of that name is meant: { branch: NAME }',
      '9:14: environments.c.from: environments come from each other in a circle: c → c; if a branch of that name is meant: { branch: NAME }',
    ],
  ],
  [
    'steps in a circle through one that is there by itself',
    'pipeline:\n  lint: { run: x, needs: test, before: install }',
    [
      '7:26: pipeline.lint.needs: steps wait for each other in a circle: install → lint → test → install; remove one of these needs',
    ],
  ],
  [
    'names that nobody defined',
    'environments:\n  dev: { from: main, approve: boss, verify: [smok], services: { order: {} } }\npipeline:\n  smoke: x\n  load: { run: x, services: [order], needs: [smoky] }\n  test: x',
    [
      '7:31: environments.dev.approve: unknown role "boss"; there is none',
      '7:46: environments.dev.verify[0]: unknown step of pipeline "smok"; did you mean "smoke"? (known: smoke, load, test)',
      '7:65: environments.dev.services.order: unknown service "order"; did you mean "orders"? (known: orders)',
      '10:30: pipeline.load.services[0]: unknown service "order"; did you mean "orders"? (known: orders)',
      '10:46: pipeline.load.needs[0]: unknown step "smoky"; did you mean "smoke"? (known: install, build, test, package, smoke, load, test)',
      '11:3: pipeline.test: is there by itself for every service: choose another name',
    ],
  ],
  [
    'a step that waits for one that is not run for commits',
    'environments:\n  dev: { from: main, verify: smoke }\npipeline:\n  smoke: x\n  load: { run: x, needs: smoke }',
    [
      "10:26: pipeline.load.needs: smoke verifies an environment and is not run in the commit's pipeline",
    ],
  ],
  ['a key twice', 'roles: {}\nroles: {}', ['7:1: this key is there twice: keep one of them']],
  ['an alias of nothing', 'roles: *people', ['6:8: *people names no &people before it']],
  ['an alias of itself', 'roles: &a { x: *a }', ['6:16: *a contains itself']],
  ['a key that is no word', '? [a]\n: b', ['6:3: a key must be a word']],
  [
    'a second document',
    '---\nproject: other',
    ['6:1: only one document: remove the --- and what follows'],
  ],
]

for (const [name, lines, expected] of mistakes)
  test(`a mistake: ${name}`, () => {
    assert.deepEqual(
      problemsIn(withService(lines)),
      expected.map((line) => `slipway.yaml:${line}`),
    )
  })

test('broken YAML is told with its place', () => {
  const [first] = problemsIn('project: shop\nservices: { orders: [\n')
  assert.match(first ?? '', /^slipway\.yaml:3:1: not YAML: /)
})

test('an empty file, no services, a file of another kind', () => {
  assert.deepEqual(problemsIn('# nothing\n'), [
    'slipway.yaml:1:1: is empty; it names a project and its services; `slipway init` writes one',
  ])
  assert.deepEqual(problemsIn('project: shop\nservices: {}\n'), [
    'slipway.yaml:2:11: services: there is none: name at least one service, or let `slipway init` find them',
  ])
  assert.match(problemsIn('just a text')[0] ?? '', /^slipway\.yaml:1:1: must be a map/)
})

test('a branch that has the name of an environment can be meant', () => {
  const project = projectOf(withService('environments:\n  dev: { from: { branch: dev } }'))
  assert.deepEqual(project.environments.dev?.from, { kind: 'branch', branch: 'dev' })
})

test('a step may wait for one service, and a circle of names through two services is none', () => {
  const pipeline = `  web: { path: web, start: ./run }
pipeline:
  generate: { run: x, services: [orders], needs: verify, before: build }
  verify: { run: x, services: [web], needs: build }
  after: { run: x, needs: ['web:test', 'orders:generate'] }`
  assert.deepEqual(problemsIn(withService(pipeline)), [])
  assert.deepEqual(problemsIn(withService(pipeline.replace('web:test', 'web:tset'))), [
    'slipway.yaml:10:28: pipeline.after.needs[0]: unknown step "web:tset"; known: install, build, test, package, generate, verify, after',
  ])
})

test('anchors and aliases are followed, and mistakes are told where the text stands', () => {
  const text = withService('    ready: &r { path: /up }\n  other: { path: b, start: c, ready: *r }')
  assert.equal(projectOf(text).services.other?.ready.path, '/up')
  assert.match(problemsIn(text.replace('path: /up', 'path: up'))[0] ?? '', /^slipway\.yaml:6:23: /)
})

test('fixed limits need objectives', () => {
  const text = `project: shop
services:
  orders: { path: orders, start: node server.js }
environments:
  production: { from: main, analysis: { judge: threshold } }
`
  const parsed = parseProject(text, 'slipway.yaml')
  assert.ok('problems' in parsed)
  assert.deepEqual(parsed.problems.map(formatProblem), [
    'slipway.yaml:5:48: environments.production.analysis.judge: needs limits: orders has no objectives; write objectives: { errors: 1% }',
  ])
  assert.ok('project' in parseProject(`${text}objectives: { errors: 1% }\n`, 'slipway.yaml'))
})
