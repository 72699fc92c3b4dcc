import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mulberry32 } from '../testdata/mulberry32.ts'
import { replica } from '../testdata/replicas.ts'
import { guarded } from './block.ts'
import { createDispersion, disperse, phiOf } from './dispersion.ts'
import { errorEvidence, errorGuard } from './error-experts.ts'
import { latencyLogFactors } from './latency-experts.ts'
import { errorSafety } from './safety.ts'
import { createWealth, pay, wealthOf } from './wealth.ts'

const BLOCK = { canaryRequests: 50, baselineRequests: 950, canaryErrors: 3, baselineErrors: 5 }

function assertNear(actual: readonly number[], expected: readonly number[]): void {
  assert.deepEqual(
    actual.map((x) => x.toFixed(6)),
    expected.map((x) => x.toFixed(6)),
  )
}

test('the generator of random numbers gives the published ones, in any order', () => {
  const random = mulberry32(12345)
  const third = random(2)
  assert.deepEqual(
    [random(0), random(1), third].map((x) => x.toFixed(10)),
    ['0.9797282678', '0.3067522645', '0.4842054215'],
  )
})

test('evidence of a block of errors', () => {
  assertNear(
    errorEvidence(BLOCK),
    [0.57005, 1.17354, 1.899221, 2.816025, 3.59013, 3.948681, 2.412197, -6.362716],
  )
})

test('wealth after one such block and after two, cut at the ceiling of a tick', () => {
  const wealth = createWealth(8)
  pay(wealth, guarded(errorEvidence(BLOCK), 1, 1), 1)
  assertNear([wealthOf(wealth)], [6.781388])
  pay(wealth, guarded(errorEvidence(BLOCK), 1, 1), 1)
  assertNear([wealthOf(wealth)], [70.729795])
})

test('evidence of safety of a block of errors', () => {
  assertNear(
    errorSafety({ ...BLOCK, canaryErrors: 0 }, 0.02),
    [1.231464, 1.068825, 0.755453, 0.50417, 0.252356, 0.101008],
  )
})

test('the latency experts at the median and in the tail', () => {
  assertNear(
    latencyLogFactors(0.5),
    [
      -0.023654, -0.150889, -0.770804, -0.113553, -0.399045, -0.111226, -0.459532, -0.051825,
      -0.277632, -0.022291,
    ],
  )
  assertNear(
    latencyLogFactors(0.995),
    [
      0.611542, 1.437102, 2.669845, 1.03774, 2.133799, 1.098612, 2.079442, 1.791759, 3.218876,
      -0.022291,
    ],
  )
})

test('dispersion of one tick in which an instance failed three times and another once', () => {
  const dispersion = createDispersion()
  const baseline = [replica(25, 3), replica(25), replica(25), replica(25, 1)]
  disperse(dispersion, baseline, { seconds: 1, usual: [] })
  assertNear([phiOf(dispersion).errors], [16 / 13])
})

test('failures that stay with one instance for a minute weigh more than failures that move', () => {
  const staying = createDispersion()
  const moving = createDispersion()
  for (let t = 0; t < 600; t++) {
    const places = [0, 1, 2, 3]
    const failing = (bad: number) => places.map((p) => replica(25, p === bad ? 2 : 0))
    disperse(staying, failing(Math.floor(t / 60) % 4), { seconds: 1, usual: [] })
    disperse(moving, failing(t % 4), { seconds: 1, usual: [] })
  }
  assert.ok(phiOf(staying).errors > 10 * phiOf(moving).errors)
})

test('one baseline instance: the stored guard is used, else 1', () => {
  const dispersion = createDispersion()
  disperse(dispersion, [replica(100, 3)], { seconds: 1, usual: [] })
  assert.deepEqual(phiOf(dispersion), { errors: 1, latency: 1 })
  assert.deepEqual(phiOf(dispersion, { errors: 3, latency: 2 }), { errors: 3, latency: 2 })
})

test('a tick counts for no more than two failures, unless twice the usual level explains more', () => {
  const guard = { phi: 1, errors: 10, requests: 1000, ticks: 1, usualErrorRate: 0, kappa: 2 }
  assert.equal(errorGuard(guard), 5)
  assert.equal(errorGuard({ ...guard, kappa: 1 }), 10)
  assert.equal(errorGuard({ ...guard, usualErrorRate: 0.005 }), 1)
  assert.equal(errorGuard({ ...guard, phi: 7 }), 7)
})
