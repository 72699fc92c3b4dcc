import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask, endpoint, named, split, startBackend, startRig, until } from './rig.ts'
import { BUCKETS, bucketUpperMs, latencyBucket } from './tally.ts'

describe('latency buckets', () => {
  const table: readonly (readonly [number, number])[] = [
    [0, 0],
    [0.2, 0],
    [10.9, 0],
    [11.1, 1],
    [100, 24],
    [1000, 48],
    [4000, 62],
    [60_000, 63],
  ]
  for (const [ms, bucket] of table) {
    it(`puts ${ms} ms into bucket ${bucket}`, () => assert.equal(latencyBucket(ms), bucket))
  }

  it('lies below its upper bound', () => {
    for (let ms = 0.1; ms < 5000; ms *= 1.07) {
      const bucket = latencyBucket(ms)
      assert.ok(ms <= bucketUpperMs(bucket))
      if (bucket > 0) assert.ok(ms >= bucketUpperMs(bucket - 1) * 0.999_999)
    }
    assert.equal(bucketUpperMs(BUCKETS - 1), Number.POSITIVE_INFINITY)
  })
})

describe('ticks', () => {
  it('count each instance by revision, and each second once', async (t) => {
    // A wall clock that jumps an hour at each look must not be seen in the ticks.
    let jumps = 0
    const start = Date.now()
    const rig = await startRig(t, { now: () => start + 3_600_000 * jumps++ })
    const good = await startBackend(t, named('good'))
    const bad = await startBackend(t, (_req, res) => {
      res.statusCode = 500
      res.end()
    })
    const startedAt = start - 5000
    rig.edge.update(rig.workload, [
      endpoint('old', good.port, { startedAt }),
      endpoint('new', bad.port),
    ])
    await rig.edge.setSplit(rig.workload, split({ old: 50, new: 50 }))
    for (let i = 0; i < 20; i++) await ask(rig)
    const total = async (revision: string, what: 'requests' | 'errors') => {
      const ticks = await rig.edge.ticks(rig.workload, 0)
      const replicas = ticks.flatMap((tick) => tick.revisions[revision] ?? [])
      return replicas.reduce((sum, replica) => sum + replica[what], 0)
    }
    await until(async () => {
      return (await total('old', 'requests')) + (await total('new', 'requests')) === 20
    })
    await until(async () => (await rig.edge.ticks(rig.workload, 0)).length >= 3)
    assert.ok(Math.abs((await total('new', 'requests')) - 10) <= 1)
    assert.equal(await total('new', 'errors'), await total('new', 'requests'))
    assert.equal(await total('old', 'errors'), 0)
    const ticks = await rig.edge.ticks(rig.workload, 0)
    for (const [i, tick] of ticks.entries()) {
      assert.ok(Number.isInteger(tick.t))
      if (i > 0) assert.equal(tick.t, ticks[i - 1]!.t + tick.seconds)
      for (const replica of Object.values(tick.revisions).flat()) {
        assert.equal(replica.latency?.length, 64)
        const counted = replica.latency.reduce((sum, count) => sum + count, 0)
        assert.equal(counted, replica.requests)
      }
    }
    const first = ticks[0]!
    assert.deepEqual(await rig.edge.ticks(rig.workload, first.t), ticks.slice(1))
    assert.deepEqual(await rig.edge.ticks(rig.workload, ticks.at(-1)!.t), [])
  })

  it('are none for a workload that nobody knows', async (t) => {
    const rig = await startRig(t)
    assert.deepEqual(await rig.edge.ticks({ environment: 'dev', service: 'x' }, 0), [])
  })
})

it('metrics hold a whole histogram', async (t) => {
  const rig = await startRig(t)
  const { port } = await startBackend(t, named('one'))
  rig.edge.update(rig.workload, [endpoint('one', port)])
  await rig.edge.setSplit(rig.workload, split({ one: 100 }))
  for (let i = 0; i < 3; i++) await ask(rig)
  const text = await rig.edge.metrics()
  assert.match(text, /# TYPE slipway_edge_attempt_duration_seconds histogram/)
  const labels = 'environment="production",service="orders",revision="one"'
  assert.ok(text.includes(`slipway_edge_attempt_duration_seconds_count{${labels}} 3`))
  assert.ok(text.includes(`slipway_edge_attempt_duration_seconds_bucket{${labels},le="+Inf"} 3`))
  assert.match(text, /slipway_edge_weight_percent\{[^}]*revision="one"\} 100/)
})
