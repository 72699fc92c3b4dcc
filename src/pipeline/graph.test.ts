import assert from 'node:assert/strict'
import { test } from 'node:test'
import { graphOf, verifySteps } from './graph.ts'
import { project, service, userStep } from './testing/projects.ts'
import type { Graph } from './types.ts'

const built = { run: 'make', output: ['dist'] }

function needs(graph: Graph): Record<string, readonly string[]> {
  return Object.fromEntries(graph.steps.map((step) => [step.id, step.needs]))
}

function step(graph: Graph, id: string) {
  return graph.steps.find((each) => each.id === id)!
}

test('a service has the steps that it says; its package waits for all of them', () => {
  const graph = graphOf(
    project({
      services: [service('web', { install: 'npm ci', build: built, test: {} }), service('static')],
    }),
  )
  assert.deepEqual(needs(graph), {
    'web:install': [],
    'web:test': ['web:install'],
    'web:build': ['web:install'],
    'web:package': ['web:install', 'web:test', 'web:build'],
    'static:package': [],
  })
  assert.deepEqual(step(graph, 'web:build').outputs, ['services/web/dist'])
  assert.deepEqual(step(graph, 'web:package').action, {
    kind: 'package',
    service: 'web',
    folder: 'services/web',
    start: 'node dist/server.js',
    output: ['dist'],
    dependencies: [],
  })
})

test('a step in root means the build of every service, one in services the own', () => {
  const graph = graphOf(
    project({
      services: [service('a', { build: built, test: {} }), service('b', { build: built })],
      steps: [
        userStep('lint', { before: ['build'] }),
        userStep('types', { services: ['a', 'b'], before: ['build'], needs: ['lint', 'test'] }),
        userStep('all', { needs: ['build', 'types', 'install'] }),
      ],
    }),
  )
  assert.deepEqual(needs(graph), {
    'a:test': [],
    'a:build': ['lint', 'a:types'],
    'a:package': ['a:test', 'a:build'],
    'b:build': ['lint', 'b:types'],
    'b:package': ['b:build'],
    lint: [],
    'a:types': ['lint', 'a:test'],
    'b:types': ['lint'],
    all: ['a:build', 'b:build', 'a:types', 'b:types'],
  })
})

test('a matrix is one step for each combination; its name means all of them', () => {
  const graph = graphOf(
    project({
      steps: [
        userStep('lint', { matrix: { os: ['x', 'y'], node: ['22', '24'] }, env: { A: '1' } }),
        userStep('after', { needs: ['lint'] }),
        userStep('one', { needs: ['lint[os=x,node=24]'] }),
      ],
    }),
  )
  const all = ['22', '24'].map((node) => `lint[os=x,node=${node}]`)
  assert.deepEqual(needs(graph).after, [...all, ...all.map((id) => id.replace('x', 'y'))])
  assert.deepEqual(needs(graph).one, ['lint[os=x,node=24]'])
  assert.deepEqual(step(graph, 'lint[os=y,node=22]').env, { A: '1', os: 'y', node: '22' })
})

test('inputs: own files, declared ones, shared ones, the APIs of what it needs', () => {
  const graph = graphOf(
    project({
      shared: ['tsconfig.json'],
      services: [
        service('catalog', { api: 'openapi.yaml' }),
        service('web', { needs: { catalog: '*' }, inputs: ['libs/ui/**'] }),
      ],
      steps: [
        userStep('docs', { inputs: ['docs/**', '!docs/old/**'] }),
        userStep('css', {
          services: ['web'],
          inputs: ['./css/**', '!css/gen/**'],
          outputs: ['out/**'],
        }),
      ],
    }),
  )
  assert.deepEqual(step(graph, 'web:package').inputs, [
    'services/web/**',
    'libs/ui/**',
    'services/catalog/openapi.yaml',
    'tsconfig.json',
  ])
  assert.deepEqual(step(graph, 'docs').inputs, ['docs/**', '!docs/old/**'])
  assert.deepEqual(step(graph, 'web:css').inputs, [
    'services/web/css/**',
    '!services/web/css/gen/**',
    'tsconfig.json',
  ])
  assert.deepEqual(step(graph, 'web:css').outputs, ['services/web/out'])
})

test('a plain call of a package manager reads its manifests, another install command all', () => {
  const inputs = (install: string) =>
    step(graphOf(project({ services: [service('web', { install })] })), 'web:install').inputs
  assert.ok(inputs('npm ci --no-audit').includes('services/web/package-lock.json'))
  assert.ok(!inputs('npm ci --no-audit').includes('services/web/**'))
  assert.deepEqual(inputs('npm ci && npm run generate'), ['services/web/**'])
})

test('steps that verify an environment are no part of the run, and run later with what they need', () => {
  const sample = project({
    services: [service('web', { install: 'npm ci', build: built })],
    steps: [
      userStep('smoke', { services: ['web'], needs: ['install', 'tools'] }),
      userStep('tools'),
      userStep('lint'),
    ],
    verify: ['smoke'],
  })
  assert.deepEqual(Object.keys(needs(graphOf(sample))).sort(), [
    'lint',
    'tools',
    'web:build',
    'web:install',
    'web:package',
  ])
  const later = verifySteps(sample, 'staging')
  assert.deepEqual(Object.keys(needs(later)).sort(), ['tools', 'web:install', 'web:smoke'])
  assert.equal(step(later, 'web:smoke').cache, false)
  assert.equal(step(later, 'web:install').cache, true)
  assert.throws(() => verifySteps(sample, 'moon'), { code: 'unknown-environment' })
})

test('a cycle names its path', () => {
  const steps = [
    userStep('a', { needs: ['b'] }),
    userStep('b', { needs: ['c'] }),
    userStep('c', { needs: ['b'] }),
  ]
  assert.throws(() => graphOf(project({ steps })), {
    code: 'cycle',
    message: 'steps wait for each other: b needs c needs b; remove one of these needs',
  })
  assert.throws(() => graphOf(project({ steps: [userStep('a', { needs: ['a'] })] })), {
    code: 'cycle',
  })
})

test('a missing need names who needs it and what there is', () => {
  assert.throws(
    () => graphOf(project({ steps: [userStep('a', { needs: ['lnit'] }), userStep('lint')] })),
    {
      code: 'missing-need',
      message: 'step a needs lnit, which does not exist: known are a, lint',
    },
  )
  const steps = [userStep('a', { needs: ['smoke'] }), userStep('smoke')]
  assert.throws(() => graphOf(project({ steps, verify: ['smoke'] })), {
    code: 'missing-need',
    message: /step a needs smoke, which verifies an environment/,
  })
  const before = [userStep('smoke', { before: ['build'] })]
  assert.throws(() => graphOf(project({ steps: before, verify: ['smoke'] })), {
    code: 'verify-step-before',
  })
})
