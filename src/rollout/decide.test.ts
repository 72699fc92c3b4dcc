import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from './decide.ts'
import { begin, type Capacity, type Observed, type RolloutSpec } from './rollout.ts'
import { all, share } from './split.ts'
import { verdict } from './testdata/verdict.ts'

const NOW = 1_000_000
const spec: RolloutSpec = {
  id: 'production-orders',
  workload: { environment: 'production', service: 'orders' },
  strategy: {
    kind: 'canary',
    steps: [5, 25, 100].map((weight) => ({ kind: 'weight', weight })),
  },
  replicas: 4,
  stable: 'old',
  candidate: 'new',
  readyDeadlineSeconds: 60,
  crashLimit: 3,
  inconclusive: 'ask',
  checked: false,
}

test('a canary first gets an instance, and traffic only once it is ready', () => {
  const waiting = decide(spec, seen({ candidate: ready(0) }), NOW)
  assert.deepEqual(waiting.actions, [{ kind: 'scale', counts: { old: 4, new: 1 } }])
  const there = decide(spec, seen({ candidate: ready(1) }), NOW)
  assert.deepEqual(there.actions[1], { kind: 'split', split: share('old', 'new', 5) })
})

test('a step begins when its split is in force, not when it was asked for', () => {
  const asked = decide(spec, seen({ candidate: ready(1) }), NOW)
  assert.equal(asked.status.stepSince, null)
  const inForce = decide(spec, seen({ candidate: ready(1), split: share('old', 'new', 5) }), NOW)
  assert.equal(inForce.status.stepSince, NOW)
})

test('the next step waits for its own evidence, and the step that it ends keeps it', () => {
  const atFive = { candidate: ready(1), split: share('old', 'new', 5) }
  const { status } = decide(spec, seen(atFive), NOW)
  const undecided = { ...atFive, status, verdict: verdict('continue', null) }
  assert.equal(decide(spec, seen(undecided), NOW).status.step, 0)
  const proven = { ...atFive, status, verdict: verdict('promote', 0.25) }
  const decision = decide(spec, seen(proven), NOW)
  assert.equal(decision.status.step, 1)
  assert.equal(decision.status.steps[0]?.verdict?.toWeight, 0.25)
  assert.deepEqual(decision.actions, [
    { kind: 'scale', counts: { old: 4, new: 1 } },
    { kind: 'split', split: share('old', 'new', 25) },
  ])
})

test('a rollback verdict gives stable everything in the same look, then rejects, and scales last', () => {
  const now = seen({
    candidate: ready(1),
    split: share('old', 'new', 5),
    verdict: verdict('rollback', null),
  })
  const decision = decide(spec, now, NOW)
  assert.equal(decision.status.phase, 'rolling-back')
  assert.deepEqual(decision.actions, [
    { kind: 'split', split: all('old') },
    { kind: 'reject', reason: 'rollback' },
    { kind: 'scale', counts: { old: 4, new: 1 } },
  ])
})

test('a rollback ends when stable is seen to have everything and the repo no longer wants the candidate', () => {
  const going = decide(
    spec,
    seen({
      candidate: ready(1),
      split: share('old', 'new', 5),
      verdict: verdict('rollback', null),
    }),
    NOW,
  )
  const back = { candidate: ready(1), split: all('old'), verdict: verdict('rollback', null) }
  const stillWanted = decide(spec, seen({ ...back, status: going.status }), NOW)
  assert.equal(stillWanted.status.phase, 'rolling-back')
  assert.deepEqual(stillWanted.actions.at(-1), { kind: 'scale', counts: { old: 4, new: 0 } })
  const reverted = decide(spec, seen({ ...back, status: going.status, wanted: 'old' }), NOW)
  assert.equal(reverted.status.outcome, 'rolled-back')
})

test('judging goes on while paused: a bad verdict still rolls back, a good one takes no step', () => {
  const paused = { ...begin(0), paused: { by: 'ada', at: 0, reason: 'freeze' }, lackingSince: null }
  const atFive = { status: paused, candidate: ready(1), split: share('old', 'new', 5) }
  assert.equal(
    decide(spec, seen({ ...atFive, verdict: verdict('promote', 0.25) }), NOW).status.step,
    0,
  )
  const bad = decide(spec, seen({ ...atFive, verdict: verdict('rollback', null) }), NOW)
  assert.equal(bad.status.phase, 'rolling-back')
})

test('a candidate that is not ready in time goes back, and says why', () => {
  const late = { ...begin(0), lackingSince: NOW - 60_000 }
  const candidate = { ...ready(0), reason: 'connection refused' }
  const decision = decide(spec, seen({ status: late, candidate }), NOW)
  assert.equal(decision.status.rollback?.reason, 'not ready within 60 s: connection refused')
})

test('a candidate that keeps ending goes back before its deadline', () => {
  const candidate = { ...ready(0), total: 1, restarts: 3, reason: 'exited with code 1' }
  const decision = decide(spec, seen({ candidate }), NOW)
  assert.equal(decision.status.rollback?.cause, 'crash')
})

test('a first deployment that never gets ready fails: there is nothing to go back to', () => {
  const late = { ...begin(0), lackingSince: NOW - 60_000 }
  const decision = decide(
    { ...spec, stable: null },
    seen({ status: late, candidate: ready(0), split: null }),
    NOW,
  )
  assert.equal(decision.status.outcome, 'failed')
})

test('what is settled asks for nothing more', () => {
  const settled = { ...begin(0), phase: 'settled' as const, outcome: 'promoted' as const }
  assert.deepEqual(decide(spec, seen({ status: settled }), NOW).actions, [])
})

test('recreate starts nothing while anything else still runs, a third version too', () => {
  const recreate = { ...spec, strategy: { kind: 'recreate' as const } }
  const empty = { stable: ready(0), split: null }
  for (const stable of ['old', null]) {
    const waiting = decide({ ...recreate, stable }, seen({ ...empty, others: 1 }), NOW)
    assert.deepEqual(waiting.actions, [{ kind: 'scale', counts: {} }])
    const alone = decide({ ...recreate, stable }, seen(empty), NOW)
    assert.deepEqual(alone.actions, [{ kind: 'scale', counts: { new: 4 } }])
  }
})

test('a rolling update takes away an old instance only after its share has left it', () => {
  const rolling = {
    ...spec,
    strategy: { kind: 'rolling' as const, maxSurge: 1, maxUnavailable: 0 },
  }
  const asked = decide(rolling, seen({ candidate: ready(1) }), NOW)
  assert.deepEqual(asked.actions.at(-1), { kind: 'scale', counts: { old: 4, new: 1 } })
  const left = decide(rolling, seen({ candidate: ready(1), split: share('old', 'new', 25) }), NOW)
  assert.deepEqual(left.actions.at(-1), { kind: 'scale', counts: { old: 3, new: 1 } })
})

function seen(change: Partial<Observed>): Observed {
  return {
    status: begin(NOW),
    stable: ready(4),
    candidate: ready(0),
    others: 0,
    split: all('old'),
    verdict: null,
    wanted: 'new',
    checks: null,
    commands: [],
    ...change,
  }
}

function ready(count: number): Capacity {
  return { total: count, ready: count, draining: 0, restarts: 0, reason: null }
}
