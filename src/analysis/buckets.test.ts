import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bucketAt, bucketOf, countAbove, emptyBuckets, quantileMs } from './buckets.ts'
import { toTicks } from './ticks.ts'

test('a latency falls into the bucket of its logarithm, the outer ones take the rest', () => {
  assert.deepEqual([0, 5, 10, 10.99, 11.01, 100, 1e9].map(bucketOf), [0, 0, 0, 0, 1, 24, 63])
})

test('quantiles lie inside their bucket', () => {
  const buckets = emptyBuckets()
  buckets[24] = 90
  buckets[40] = 10
  assert.equal(bucketAt(buckets, 0.9), 24)
  assert.equal(bucketAt(buckets, 0.91), 40)
  assert.equal(countAbove(buckets, 24), 10)
  const p95 = quantileMs(buckets, 0.95)!
  assert.ok(p95 > 10 * 1.1 ** 40 && p95 < 10 * 1.1 ** 41)
  assert.equal(quantileMs(emptyBuckets(), 0.5), null)
})

test('of all revisions only the two compared are taken, with the weight in force', () => {
  const replica = { requests: 3, errors: 1, ageSeconds: 9 }
  const traffic = [{ t: 7, seconds: 1, revisions: { a: [replica], b: [replica], c: [] } }]
  assert.deepEqual(toTicks(traffic, { canary: 'b', baseline: 'a', weight: 0.05 }), [
    { t: 7, seconds: 1, weight: 0.05, canary: [replica], baseline: [replica] },
  ])
  assert.deepEqual(toTicks(traffic, { canary: 'gone', baseline: null, weight: 1 })[0]!.canary, [])
})
