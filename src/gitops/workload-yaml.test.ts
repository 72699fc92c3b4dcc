import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CanaryStep, EnvValue, Strategy } from '../config/index.ts'
import { parseWorkload, type Workload, workloadYaml } from './index.ts'
import { digest, workload } from './testdata/workload.ts'

test('a workload is written for people to read', () => {
  const expected = `# What runs as orders in production.
# Slipway writes it when it promotes or rolls back; a commit by hand counts as much.

service: orders
environment: production
artifact:
  digest: ${digest('a')}
  version: "1.10"
  commit: "123456789012"
replicas: 2
env:
  DATABASE_URL:
    env: SHOP_DATABASE
  LOG_LEVEL: info
  "ON": "yes"
needs:
  - catalog
ready:
  path: /healthz
  intervalSeconds: 1
  timeoutSeconds: 1
  deadlineSeconds: 60
drainSeconds: 5
stopSeconds: 10
memoryBytes: null
sticky: false
strategy:
  kind: canary
  steps:
    - { kind: header, name: x-canary, value: "true" }
    - { kind: weight, weight: 5 }
    - { kind: pause, seconds: null }
    - { kind: weight, weight: 100 }
objectives:
  errorRate: 0.001
  p95Ms: 250
analysis:
  judge: sequential
  alpha: 0.01
  beta: 0.05
  risk: null
  warmSeconds: 30
  dwellSeconds: 0
  maxSeconds: 1800
  inconclusive: ask
`
  assert.equal(workloadYaml(workload('orders')), expected)
})

const FAULTS: readonly (readonly [string, (text: string) => string, RegExp])[] = [
  [
    'no YAML',
    (text) => text.replace('replicas: 2', 'replicas: [2'),
    /^production\/orders\.yaml:\d+:\d+: /,
  ],
  [
    'a wrong value',
    (text) => text.replace('replicas: 2', 'replicas: two'),
    /orders\.yaml:10:11: replicas: .*number/,
  ],
  [
    'a deep wrong value',
    (text) => text.replace('weight: 5 ', 'weight: 500 '),
    /orders\.yaml:31:31: strategy\.steps\.1\.weight: /,
  ],
  [
    'a missing key',
    (text) => text.replace('drainSeconds: 5\n', ''),
    /orders\.yaml:4:1: drainSeconds: is missing/,
  ],
  [
    'an unknown key',
    (text) => text.replace('stopSeconds', 'stopSecond'),
    /orders\.yaml:24:1: the file: Unrecognized key: "stopSecond"/,
  ],
  [
    'a tag as digest',
    (text) => text.replace(/sha256:a+/, 'latest'),
    /orders\.yaml:7:11: artifact\.digest: must be sha256/,
  ],
  [
    'a number as version',
    (text) => text.replace('"1.10"', '1.10'),
    /orders\.yaml:8:12: artifact\.version: .*string/,
  ],
  [
    'another service',
    (text) => text.replace('service: orders', 'service: carts'),
    /about carts in production, whose file is production\/carts\.yaml/,
  ],
  ['a key twice', (text) => `${text}replicas: 3\n`, /orders\.yaml:\d+:1: Map keys must be unique/],
  [
    'an alias to nothing',
    (text) => text.replace('replicas: 2', 'replicas: *many'),
    /orders\.yaml:1:1: .*many/,
  ],
  ['nothing', () => '', /orders\.yaml:1:1: the file: /],
]

for (const [what, edit, message] of FAULTS) {
  test(`a file with ${what} is refused at its place`, () => {
    const text = edit(workloadYaml(workload('orders')))
    const fault = { code: 'broken-workload', message }
    assert.throws(() => parseWorkload(text, 'production/orders.yaml'), fault)
  })
}

test('a workload that could not be read back is not written', () => {
  const wrong = workload('orders', { replicas: 1.5 })
  assert.throws(() => workloadYaml(wrong), { code: 'broken-workload', message: /replicas/ })
})

test('what is written is what is read, whatever it holds', () => {
  const property = fc.property(anyWorkload(), (drawn) => {
    // Plain prototypes, which is what a reader makes.
    const one = structuredClone(drawn)
    const file = `${one.environment}/${one.service}.yaml`
    const text = workloadYaml(one)
    assert.deepEqual(parseWorkload(text, file), one)
    assert.equal(workloadYaml(parseWorkload(text, file)), text)
  })
  fc.assert(property, { numRuns: 100 })
})

function anyWorkload(): fc.Arbitrary<Workload> {
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,8}$/)
  const text = fc.string({ minLength: 1, unit: 'binary' }).filter((one) => one.isWellFormed())
  const seconds = fc.double({ min: 0, max: 1e6, noNaN: true }).map((one) => Math.abs(one))
  const some = fc.integer({ min: 1, max: 3600 })
  const share = fc.double({ min: 0, max: 1, noNaN: true }).map((one) => Math.abs(one))
  const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null })
  const value: fc.Arbitrary<EnvValue> = fc.oneof(
    text,
    fc.record({ env: text }),
    fc.record({ file: text }),
  )
  const step: fc.Arbitrary<CanaryStep> = fc.oneof(
    fc.record({ kind: fc.constant('weight' as const), weight: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ kind: fc.constant('header' as const), name: text, value: text }),
    fc.record({ kind: fc.constant('pause' as const), seconds: orNull(seconds) }),
  )
  const count = fc.oneof(
    fc.nat(9),
    fc.nat(100).map((one) => `${one}%`),
  )
  const strategy: fc.Arbitrary<Strategy> = fc.oneof(
    fc.record({ kind: fc.constant('recreate' as const) }),
    fc.record({ kind: fc.constant('rolling' as const), maxSurge: count, maxUnavailable: count }),
    fc.record({ kind: fc.constant('blue-green' as const), holdSeconds: seconds }),
    fc.record({ kind: fc.constant('canary' as const), steps: fc.array(step, { minLength: 1 }) }),
    fc.record({ kind: fc.constant('shadow' as const), percent: fc.nat(100), seconds }),
  )
  return fc.record({
    service: name,
    environment: fc.array(name, { minLength: 1, maxLength: 2 }).map((parts) => parts.join('/')),
    artifact: fc.record({
      digest: fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`),
      version: text,
      commit: text,
    }),
    replicas: fc.integer({ min: 1, max: 1000 }),
    env: fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/), value, {
      noNullPrototype: true,
    }),
    needs: fc.array(name),
    ready: fc.record({
      path: orNull(
        fc
          .string({ unit: 'binary' })
          .filter((one) => one.isWellFormed())
          .map((one) => `/${one}`),
      ),
      intervalSeconds: some,
      timeoutSeconds: some,
      deadlineSeconds: some,
    }),
    drainSeconds: seconds,
    stopSeconds: seconds,
    memoryBytes: orNull(fc.integer({ min: 1, max: 2 ** 40 })),
    sticky: fc.boolean(),
    strategy,
    objectives: fc.record({ errorRate: orNull(share), p95Ms: orNull(seconds) }),
    analysis: fc.record({
      judge: fc.constantFrom('sequential' as const, 'threshold' as const),
      alpha: share,
      beta: share,
      risk: orNull(share),
      warmSeconds: seconds,
      dwellSeconds: seconds,
      maxSeconds: seconds,
      inconclusive: fc.constantFrom('ask' as const, 'promote' as const, 'rollback' as const),
    }),
  })
}
