import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planSteps } from './plan.ts'

const CHANCES = { alpha: 0.01, beta: 0.05 }

test('steps, risk and forecast follow from the usual traffic', () => {
  const cases = [
    { rps: 1, errorRate: 0.005, weights: [0.5, 1], risk: 0.02, seconds: 904 },
    { rps: 100, errorRate: 0.005, weights: [0.05, 0.25, 1], risk: 0.005, seconds: 227 },
    { rps: 1000, errorRate: 0.02, weights: [0.05, 0.25, 1], risk: 0.005, seconds: 64 },
  ]
  for (const { rps, errorRate, ...expected } of cases) {
    const { weights, risk, seconds } = planSteps({ rps, errorRate, ...CHANCES })
    assert.deepEqual({ weights, risk, seconds: Math.round(seconds!) }, expected)
  }
})

test("the user's weights are all kept, margins shrink with them, ratios go from 2.0 to 1.5", () => {
  const weights = [0.01, 0.02, 0.05, 1]
  const plan = planSteps({ rps: 300, errorRate: 0.001, weights, risk: 0.001, ...CHANCES })
  assert.deepEqual(plan.weights, weights)
  assert.deepEqual(plan.next, [
    { weight: 0.02, margin: 0.05, latencyRatio: 2 },
    { weight: 0.05, margin: 0.02, latencyRatio: 1.75 },
    { weight: 1, margin: 0.001, latencyRatio: 1.5 },
  ])
})

test('the announcement names the margins and the forecast', () => {
  assert.equal(
    planSteps({ rps: 100, errorRate: 0.005, ...CHANCES }).announcement,
    "from 5% to 25%: excess error rate below 2.0pp and p95 below 2.0 times the baseline's, about 82 s; from 25% to 100%: excess error rate below 0.5pp and p95 below 1.5 times the baseline's, about 145 s; about 227 s altogether; the whole service risks at most 0.5pp",
  )
})

test('without traffic there is no forecast, and a single step is nothing to judge', () => {
  const blind = planSteps({ rps: null, errorRate: 0, ...CHANCES })
  assert.deepEqual([blind.weights, blind.seconds, blind.risk], [[0.5, 1], null, 0.02])
  assert.equal(planSteps({ rps: 0, errorRate: 0, ...CHANCES }).seconds, null)
  const single = planSteps({ rps: 100, errorRate: 0, weights: [1], ...CHANCES })
  assert.deepEqual(single.next, [])
  assert.match(single.announcement, /nothing to judge/)
})

test('waiting that is agreed on is part of the forecast', () => {
  const request = { rps: 1000, errorRate: 0.001, ...CHANCES }
  assert.ok(planSteps({ ...request, warm: 30, minDwell: 60 }).seconds! >= 120)
})
