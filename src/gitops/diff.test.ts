import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diff, diffText, revisionOf } from './index.ts'
import { digest, version, workload } from './testdata/workload.ts'

test('equal workloads differ in nothing, whatever the order of their keys', () => {
  const one = workload('orders', { env: { A: '1', B: '2' } })
  const other = workload('orders', { env: { B: '2', A: '1' } })
  assert.deepEqual(diff([one], [other]), [])
  assert.equal(revisionOf(one).id, revisionOf(other).id)
})

test('what is added, removed and changed is told field by field, secrets by reference', () => {
  const live = [
    workload('orders', { env: { LOG: 'info', TOKEN: { env: 'OLD' }, GONE: '1' } }),
    workload('legacy'),
  ]
  const desired = [
    version('orders', 'b', {
      replicas: 3,
      env: { LOG: 'debug', TOKEN: { file: '/run/token' } },
      strategy: { kind: 'rolling', maxSurge: '25%', maxUnavailable: 0 },
    }),
  ]
  const text = diffText(diff(desired, live))
  assert.equal(
    text,
    `- production/legacy
~ production/orders
    artifact.digest: ${digest('a')} → ${digest('b')}
    artifact.version: 1.10 → b
    artifact.commit: 123456789012 → ${'b'.repeat(40)}
    replicas: 2 → 3
    env.LOG: "info" → "debug"
    env.TOKEN: secret from variable OLD → secret from file /run/token
    strategy: canary x-canary: true → 5% → pause → 100% → rolling, 25% more, 0 fewer
    env.GONE: "1" → gone
`,
  )
  const [added] = diff([workload('orders')], [])
  assert.equal(added?.kind, 'added')
  assert.ok(added?.fields.some(({ field, before }) => field === 'replicas' && before === null))
})

test('a revision changes with what an instance runs with, and with nothing else', () => {
  const base = workload('orders')
  const id = revisionOf(base).id
  assert.match(id, /^[0-9a-f]{12}$/)
  const same = [
    { replicas: 9 },
    { strategy: { kind: 'recreate' } },
    { objectives: { errorRate: null, p95Ms: null } },
    { analysis: { ...base.analysis, alpha: 0.5 } },
    { artifact: { ...base.artifact, version: 'other', commit: 'other' } },
    { environment: 'staging' },
  ] as const
  for (const over of same) assert.equal(revisionOf(workload('orders', over)).id, id)
  const other = [
    { artifact: { ...base.artifact, digest: digest('b') } },
    { env: { ...base.env, LOG_LEVEL: 'debug' } },
    { needs: [] },
    { ready: { ...base.ready, path: null } },
    { drainSeconds: 6 },
    { stopSeconds: 11 },
    { memoryBytes: 1 },
  ] as const
  for (const over of other) assert.notEqual(revisionOf(workload('orders', over)).id, id)
})
