import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyBuckets } from '../buckets.ts'
import type { Tick } from '../metrics.ts'
import { judge } from './judge.ts'
import { latencySafety } from './safety.ts'
import { createJudge } from './state.ts'

const RATIO = 2
/** Whole buckets in a ratio of 2: what lies above is slow. */
const SLOW_BUCKET = 8

test('where the usual p95 is below the resolution, a slow share of 5 % or more is never taken for safe', () => {
  const usual = atBucket(0, 1000)
  for (const share of [0.05, 0.1, 0.5]) {
    const slow = latencySafety(
      { canary: atBucket(SLOW_BUCKET, 1), baseline: atBucket(0, 9) },
      usual,
      RATIO,
    )
    const fast = latencySafety({ canary: atBucket(0, 1), baseline: atBucket(0, 9) }, usual, RATIO)
    for (const [i, value] of slow.entries()) {
      const expected = share * Math.exp(value) + (1 - share) * Math.exp(fast[i]!)
      assert.ok(
        expected <= 1 + 1e-12,
        `expert ${i} expects ${expected} at a slow share of ${share}`,
      )
    }
  }
})

test('two versions that answer within 10 ms are told to be equal, and a canary at 30 ms is not', () => {
  assert.equal(lastVerdict(0), 'promote')
  assert.equal(lastVerdict(12), 'rollback')
})

test('two versions that answer evenly are told to be equal, and a canary at twice the time is not', () => {
  assert.equal(lastVerdict(30, 30), 'promote')
  assert.equal(lastVerdict(38, 30), 'rollback')
})

test('where answers take evenly long, a slow share of 5 % or more is never taken for safe', () => {
  const usual = atBucket(30, 1000)
  const arm = (bucket: number) => ({ canary: atBucket(bucket, 1), baseline: atBucket(30, 9) })
  const slow = latencySafety(arm(30 + SLOW_BUCKET - 1), usual, RATIO)
  const fast = latencySafety(arm(30), usual, RATIO)
  for (const [i, value] of slow.entries()) {
    assert.ok(0.05 * Math.exp(value) + 0.95 * Math.exp(fast[i]!) <= 1 + 1e-12)
  }
})

function lastVerdict(canaryBucket: number, usualBucket = 0): string {
  const state = createJudge({
    alpha: 0.01,
    beta: 0.05,
    warm: 0,
    minDwell: 0,
    next: [{ weight: 0.25, margin: 0.04, latencyRatio: RATIO }],
  })
  const said = new Set<string>()
  for (let t = -60; t < 60; t++) {
    said.add(judge(state, tick(t, { canaryBucket, usualBucket })).verdict.verdict)
  }
  said.delete('continue')
  assert.equal(said.size, 1, [...said].join())
  return [...said][0]!
}

function tick(
  t: number,
  { canaryBucket, usualBucket }: { readonly canaryBucket: number; readonly usualBucket: number },
): Tick {
  const replica = (requests: number, bucket: number) => ({
    requests,
    errors: 0,
    latency: atBucket(bucket, requests),
    ageSeconds: 1000,
  })
  const baseline = [replica(45, usualBucket), replica(45, usualBucket)]
  if (t < 0) return { t, seconds: 1, weight: 0, canary: [], baseline }
  return { t, seconds: 1, weight: 0.1, canary: [replica(10, canaryBucket)], baseline }
}

function atBucket(bucket: number, requests: number): number[] {
  const buckets = emptyBuckets()
  buckets[bucket] = requests
  return buckets
}
