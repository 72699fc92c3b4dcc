import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Tick } from '../metrics.ts'
import { ticksOf } from '../testdata/generator.ts'
import { SETTINGS } from '../testdata/replicas.ts'
import { type Delay, readReference, readScenarios, type Scenario } from '../testdata/scenario.ts'
import { judge } from './judge.ts'
import { createJudge } from './state.ts'

// All 20 scenarios with 40 repetitions each take minutes: `node bench/judge/run.ts`.
const SCENARIOS = Object.fromEntries(readScenarios().map((scenario) => [scenario.id, scenario]))
const REFERENCE = readReference()

type Outcome = { rollback: number; to25: number; to100: number }

function outcomeOf(ticks: Iterable<Tick>): Outcome {
  const outcome = { rollback: Infinity, to25: Infinity, to100: Infinity }
  const state = createJudge(SETTINGS)
  for (const tick of ticks) {
    const { verdict, toWeight } = judge(state, tick).verdict
    const delay = tick.t + 1
    if (verdict === 'promote' && toWeight === 0.25) outcome.to25 = delay
    if (verdict === 'promote' && toWeight === 1) return { ...outcome, to100: delay }
    if (verdict === 'rollback') return { ...outcome, rollback: delay }
  }
  return outcome
}

function outcomes(scenario: Scenario, repetitions: number): readonly Outcome[] {
  return Array.from({ length: repetitions }, (_, r) => outcomeOf(ticksOf(scenario, r)))
}

function assertAgrees(delays: readonly number[], reference: Delay | null | undefined): void {
  const sorted = [...delays].sort((a, b) => a - b)
  const median = sorted[Math.ceil(sorted.length / 2) - 1]!
  if (reference?.median === undefined) {
    assert.equal(median, Infinity)
    return
  }
  const off = Math.abs(median - reference.median)
  assert.ok(off <= 0.25 * reference.median + 3, `${median} s, reference ${reference.median} s`)
}

const ROLLED_BACK = {
  'plus-2pp': 16,
  'plus-10pp': 24,
  'all-fail': 16,
  'all-fail-slow-traffic': 40,
  'p95-1.5x': 16,
  'p95-2x': 16,
}
for (const [id, repetitions] of Object.entries(ROLLED_BACK)) {
  test(`${id} is rolled back as soon as by the reference`, () => {
    const runs = outcomes(SCENARIOS[id]!, repetitions)
    assertAgrees(
      runs.map(({ rollback }) => rollback),
      REFERENCE[id]?.rollback,
    )
    assertAgrees(
      runs.map(({ to25 }) => to25),
      REFERENCE[id]?.to25,
    )
  })
}

for (const id of ['null-0', 'better-canary']) {
  test(`${id} is promoted as soon as by the reference`, () => {
    const runs = outcomes(SCENARIOS[id]!, 30)
    assertAgrees(
      runs.map(({ rollback }) => rollback),
      REFERENCE[id]?.rollback,
    )
    assertAgrees(
      runs.map(({ to25 }) => to25),
      REFERENCE[id]?.to25,
    )
    assertAgrees(
      runs.map(({ to100 }) => to100),
      REFERENCE[id]?.to100,
    )
  })
}

for (const id of ['shared-outage', 'cold-start', 'no-canary-traffic', 'diurnal']) {
  test(`${id} is not rolled back`, () => {
    const state = createJudge(SETTINGS)
    for (const tick of ticksOf({ ...SCENARIOS[id]!, seconds: 720 })) {
      assert.notEqual(judge(state, tick).verdict.verdict, 'rollback')
    }
  })
}
