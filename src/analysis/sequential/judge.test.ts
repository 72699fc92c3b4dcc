import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JudgeSettings } from '../judge-settings.ts'
import type { Tick } from '../metrics.ts'
import { ticksOf } from '../testdata/generator.ts'
import { replica, SETTINGS, tick, ticks } from '../testdata/replicas.ts'
import { readScenarios } from '../testdata/scenario.ts'
import type { Verdict } from '../verdict.ts'
import { judge, measuredPhi } from './judge.ts'
import { createJudge, type JudgeState } from './state.ts'

const HISTORY = ticks(-300, 0, { weight: 0, baseline: [replica(45), replica(45)] })
const HEALTHY = { canary: [replica(10)], baseline: [replica(45), replica(45)] }

function run(
  stream: Iterable<Tick>,
  settings: Partial<JudgeSettings> = {},
): { readonly state: JudgeState; readonly verdicts: readonly Verdict[]; readonly last: Verdict } {
  const state = createJudge({ ...SETTINGS, ...settings })
  const verdicts = [...stream].map((tick) => judge(state, tick).verdict)
  return { state, verdicts, last: verdicts.at(-1)! }
}

function kinds(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts
    .map(({ kind, toWeight }) => (toWeight === null ? kind : `${kind} ${toWeight}`))
    .filter((kind, i, all) => kind !== all[i - 1])
}

function scenario(id: string) {
  return readScenarios().find((scenario) => scenario.id === id)!
}

test('a healthy canary is promoted once for each step, and judged on', () => {
  const { verdicts } = run([...HISTORY, ...ticks(0, 120, HEALTHY)])
  assert.deepEqual(kinds(verdicts), [
    'no-evidence',
    'collecting',
    'promote 0.25',
    'collecting',
    'promote 1',
    'collecting',
  ])
  const promotion = verdicts.find(({ kind }) => kind === 'promote')!
  assert.match(
    promotion.reason,
    /^excess error rate below 2\.0pp, 95% sure, after \d+ s \(0 of \d+ canary requests failed, 0 of [\d,]+ of the baseline's\)$/,
  )
  assert.ok(promotion.evidence.safety.errors! >= 20)
})

test('least time at a weight is kept, and begins anew with the weight', () => {
  const { verdicts } = run(
    [...HISTORY, ...ticks(0, 200, HEALTHY), ...ticks(200, 300, { ...HEALTHY, weight: 0.25 })],
    { minDwell: 50 },
  )
  const times = verdicts.filter(({ kind }) => kind === 'promote').map(({ t }) => t)
  assert.equal(times[0], 49)
  const late = run(
    [...HISTORY, ...ticks(0, 30, HEALTHY), ...ticks(30, 300, { ...HEALTHY, weight: 0.25 })],
    { minDwell: 50 },
  )
  assert.equal(late.verdicts.find(({ kind }) => kind === 'promote')!.t, 79)
})

test('a failing canary is rolled back for good, with the counts', () => {
  const failing = { ...HEALTHY, canary: [replica(10, 3), replica(10, 2)] }
  const { verdicts, last } = run([...HISTORY, ...ticks(0, 30, failing), ...ticks(30, 400, HEALTHY)])
  assert.deepEqual(kinds(verdicts).at(-1), 'rollback')
  assert.match(
    last.reason,
    /^error rate 25% against 0% for the baseline over the same \d+ s \(\d+ of \d+, 0 of \d+ requests\); had the versions been equal, so much evidence would come up in fewer than 1 of 100 rollouts, however often looked at$/,
  )
})

test('when one canary instance alone makes the excess, the reason says so', () => {
  const failing = { ...HEALTHY, canary: [replica(10, 0), replica(10, 5)] }
  const { last } = run([...HISTORY, ...ticks(0, 30, failing)])
  assert.equal(last.kind, 'rollback')
  assert.match(last.reason, /one of 2 canary instances alone makes the excess/)
})

test('a slow canary is rolled back by the quantile that differs most', () => {
  const fast = [replica(45, 0, 50), replica(45, 0, 50)]
  const { last } = run([
    ...ticks(-300, 0, { weight: 0, baseline: fast }),
    ...ticks(0, 30, { canary: [replica(10, 0, 200)], baseline: fast }),
  ])
  assert.equal(last.kind, 'rollback')
  assert.match(last.reason, /^p\d+ \d+ ms against \d+ ms for the baseline over the same/)
})

test('latency of young canary instances does not count, their errors do', () => {
  const fast = [replica(45, 0, 50), replica(45, 0, 50)]
  const young = (errors: number) => ({ ...replica(10, errors, 900), ageSeconds: 5 })
  const history = ticks(-300, 0, { weight: 0, baseline: fast })
  const slow = run([...history, ...ticks(0, 60, { canary: [young(0)], baseline: fast })])
  assert.equal(slow.last.kind, 'collecting')
  assert.match(slow.last.reason, /latency counts from an age of 30 s, in 25 s/)
  const failing = run([...history, ...ticks(0, 60, { canary: [young(9)], baseline: fast })])
  assert.equal(failing.last.kind, 'rollback')
})

test('without canary traffic there is no verdict, only no evidence and then inconclusive', () => {
  const silent = { canary: [replica(0)], baseline: [replica(45), replica(45)] }
  const { verdicts, last } = run([...HISTORY, ...ticks(0, 1900, silent)])
  assert.deepEqual(kinds(verdicts), ['no-evidence', 'inconclusive'])
  assert.match(
    verdicts.at(300 + 59)!.reason,
    /^canary received no traffic for 60 s; about 600 requests expected at weight 10%/,
  )
  assert.match(last.reason, /^no verdict after 32 min at weight 10%: canary received no traffic/)
})

test('requests that reach a canary of weight 0 by a header are not judged', () => {
  const byHeader = { weight: 0, canary: [replica(10, 10)], baseline: [replica(90)] }
  const { verdicts } = run(ticks(0, 100, byHeader))
  assert.deepEqual(kinds(verdicts), ['no-evidence'])
})

test('an outage of both versions is no evidence against the canary', () => {
  const { verdicts } = run([
    ...HISTORY,
    ...ticks(0, 10, HEALTHY),
    ...ticks(10, 100, { canary: [replica(10, 4)], baseline: [replica(45, 18), replica(45, 18)] }),
  ])
  assert.ok(verdicts.every(({ verdict }) => verdict !== 'rollback'))
})

test('suspicion holds promotions', () => {
  const doubtful = { canary: [replica(20, 1)], baseline: [replica(50), replica(30)] }
  const { verdicts } = run([...HISTORY, ...ticks(0, 3, doubtful), ...ticks(3, 9, HEALTHY)])
  const holding = verdicts.find(({ kind }) => kind === 'holding')!
  assert.match(holding.reason, /no promotion meanwhile, rollback at 1 of 100/)
})

const OBJECTIVE = { objectives: { errorRate: 0.01 } }

test('an objective that both versions breach holds, and never rolls back', () => {
  const outage = { canary: [replica(10, 2)], baseline: [replica(45, 9), replica(45, 9)] }
  const { verdicts, last } = run([...HISTORY, ...ticks(0, 300, outage)], OBJECTIVE)
  assert.ok(verdicts.every(({ kind }) => kind !== 'rollback' && kind !== 'promote'))
  assert.equal(last.kind, 'holding')
  assert.match(last.reason, /^both versions breach 1%: common cause \(600 of 3,000 canary/)
})

test('at all of the traffic the objective takes the place of the comparison', () => {
  const alone = { weight: 1, canary: [replica(100, 5)] }
  const { last } = run([...HISTORY, ...ticks(0, 60, HEALTHY), ...ticks(60, 200, alone)], OBJECTIVE)
  assert.equal(last.kind, 'rollback')
  assert.match(last.reason, /^objective breached: .* error rate at most 1%/)
  const without = run([...HISTORY, ...ticks(0, 60, HEALTHY), ...ticks(60, 200, alone)])
  assert.notEqual(without.last.kind, 'rollback')
  assert.match(without.last.reason, /no objective is set/)
})

test('on a first deployment the objectives judge, latency too', () => {
  const slow = { weight: 1, canary: [replica(100, 0, 800)] }
  const { last } = run(ticks(0, 60, slow), { objectives: { p95Ms: 250 } })
  assert.equal(last.kind, 'rollback')
  const fast = { weight: 1, canary: [replica(100, 0, 100)] }
  const healthy = run(ticks(0, 60, fast), { objectives: { p95Ms: 250, errorRate: 0.01 } })
  assert.equal(healthy.last.kind, 'collecting')
})

test('the plan is announced with the first reason and not again', () => {
  const { verdicts } = run([...HISTORY, ...ticks(0, 3, HEALTHY)])
  const [first, second] = verdicts.slice(300)
  assert.match(
    first!.reason,
    /Plan: from 10% to 25%: excess error rate below 2\.0pp and p95 below 2\.0 times the baseline's, about \d+ s; from 25% to 100%/,
  )
  assert.doesNotMatch(second!.reason, /Plan/)
})

test('with one baseline instance the reason says that correlation is not measured', () => {
  const { verdicts, state } = run([
    ...ticks(-300, 0, { weight: 0, baseline: [replica(90)] }),
    ...ticks(0, 1, { canary: [replica(10)], baseline: [replica(90)] }),
  ])
  assert.match(verdicts.at(-1)!.reason, /with one baseline instance correlation of requests cannot/)
  assert.equal(measuredPhi(state), null)
})

test('a block that was open when the weight changed is thrown away', () => {
  const few = { canary: [replica(1, 1)], baseline: [replica(2), replica(2)] }
  const stream = [tick({ t: 0, ...few }), tick({ t: 1, ...few, weight: 0.2 })]
  const { state } = run([...HISTORY, ...stream])
  assert.equal(state.errors.open?.canaryRequests, 1)
})

test('a judge that is saved and loaded after every tick says the same', () => {
  for (const id of ['plus-0.5pp', 'all-fail-slow-traffic', 'p95-1.2x']) {
    const kept = createJudge({ ...SETTINGS, objectives: { errorRate: 0.02, p95Ms: 400 } })
    let loaded = createJudge(kept.settings)
    for (const tick of ticksOf({ ...scenario(id), seconds: 250 })) {
      const expected = judge(kept, tick).verdict
      const actual = judge(loaded, tick)
      assert.deepEqual(actual.verdict, expected)
      loaded = JSON.parse(JSON.stringify(actual.state))
    }
    assert.deepEqual(loaded, JSON.parse(JSON.stringify(kept)))
  }
})

test('verdicts and states hold no number that JSON cannot say', () => {
  const odd = [
    ...HISTORY,
    ...ticks(0, 20, { canary: [replica(1e6, 1e6)], baseline: [replica(1e6), replica(0)] }),
    ...ticks(20, 400, { weight: 0.5, canary: [replica(0)], baseline: [replica(1e5, 1e5)] }),
    ...ticks(400, 402, { weight: 0.5, canary: [replica(1e6)], baseline: [replica(1, 1)] }),
    ...ticks(402, 500, { weight: 1, canary: [], baseline: [] }),
  ]
  const { verdicts, state } = run(odd, OBJECTIVE)
  const finite = (_: string, value: unknown) => {
    if (typeof value === 'number') assert.ok(Number.isFinite(value))
    return value
  }
  JSON.stringify(verdicts, finite)
  JSON.stringify(state, finite)
})
