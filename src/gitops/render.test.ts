import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Environment, Project, Service, ServiceOverride } from '../config/index.ts'
import { render } from './index.ts'
import { digest, workload } from './testdata/workload.ts'

const BASE = workload('orders')

function service(name: string, over: Partial<Service> = {}): Service {
  return {
    name,
    path: name,
    needs: {},
    inputs: [],
    install: null,
    test: null,
    build: {
      builder: 'layers',
      run: null,
      output: ['.'],
      dependencies: [],
      env: {},
      timeoutSeconds: 60,
    },
    start: 'node server.js',
    port: null,
    ready: BASE.ready,
    drainSeconds: 5,
    stopSeconds: 10,
    memoryBytes: null,
    sticky: false,
    replicas: 1,
    env: {},
    api: null,
    objectives: BASE.objectives,
    ...over,
  }
}

function project(services: readonly Service[], over: Partial<Environment> = {}): Project {
  const production: Environment = {
    name: 'production',
    from: { kind: 'branch', branch: 'main' },
    strategy: { kind: 'recreate' },
    replicas: null,
    env: {},
    approve: [],
    soakSeconds: 0,
    verify: [],
    services: {},
    analysis: BASE.analysis,
    ...over,
  }
  return {
    name: 'shop',
    file: '/shop/slipway.yaml',
    root: '/shop',
    services: Object.fromEntries(services.map((one) => [one.name, one])),
    pipeline: {},
    shared: [],
    environments: { production },
    roles: {},
  }
}

function release(...services: readonly string[]) {
  const artifact = { digest: digest('c'), version: '1.2.3', commit: 'c'.repeat(40) }
  const entries = services.map((name) => [name, artifact] as const)
  return { id: 'r1', commit: 'c'.repeat(40), run: '7', services: Object.fromEntries(entries) }
}

const OVERRIDE: ServiceOverride = {
  replicas: 5,
  env: { A: 'override', TOKEN: { env: 'TOKEN' } },
  strategy: { kind: 'blue-green', holdSeconds: 60 },
}

test('a service takes its own settings when the environment says nothing', () => {
  const orders = service('orders', {
    replicas: 3,
    env: { A: 'service' },
    needs: { b: '*', a: '*' },
  })
  const [one] = render(project([orders]), 'production', release('orders'))
  assert.equal(one?.replicas, 3)
  assert.deepEqual(one?.env, { A: 'service' })
  assert.deepEqual(one?.needs, ['a', 'b'])
  assert.deepEqual(one?.strategy, { kind: 'recreate' })
  assert.deepEqual(one?.artifact, release('orders').services.orders)
})

test('the environment wins over the service, and what it says of one service over both', () => {
  const orders = service('orders', { env: { A: 'service', B: 'service', C: 'service' } })
  const shop = project([orders, service('catalog')], {
    replicas: 2,
    env: { A: 'environment', B: 'environment' },
    services: { orders: OVERRIDE },
  })
  const [one, other] = render(shop, 'production', release('catalog', 'orders'))
  assert.deepEqual([one?.service, other?.service], ['orders', 'catalog'])
  assert.equal(one?.replicas, 5)
  assert.equal(other?.replicas, 2)
  const env = { A: 'override', B: 'environment', C: 'service', TOKEN: { env: 'TOKEN' } }
  assert.deepEqual(one?.env, env)
  assert.deepEqual(one?.strategy, OVERRIDE.strategy)
  assert.deepEqual(other?.strategy, { kind: 'recreate' })
})

test('an override that is silent about a setting leaves it', () => {
  const silent: ServiceOverride = { replicas: null, env: {}, strategy: null }
  const shop = project([service('orders', { replicas: 4 })], { services: { orders: silent } })
  const [one] = render(shop, 'production', release('orders'))
  assert.equal(one?.replicas, 4)
  assert.deepEqual(one?.strategy, { kind: 'recreate' })
})

test('unknown names are errors that name the known ones', () => {
  const shop = project([service('orders')])
  const missing = { code: 'unknown-environment', message: /it has production/ }
  assert.throws(() => render(shop, 'prod', release('orders')), missing)
  const stranger = { code: 'unknown-service', message: /carts.*\(orders\)/ }
  assert.throws(() => render(shop, 'production', release('orders', 'carts')), stranger)
})
