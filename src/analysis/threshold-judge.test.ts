import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Tick } from './metrics.ts'
import { replica, ticks } from './testdata/replicas.ts'
import { createThresholdJudge, thresholdJudge } from './threshold-judge.ts'

function run(stream: readonly Tick[]) {
  let state = createThresholdJudge({
    limits: { errorRate: 0.05, p95Ms: 250 },
    next: [{ weight: 0.25 }, { weight: 1 }],
  })
  return stream.map((tick) => {
    const looked = thresholdJudge(state, tick)
    state = JSON.parse(JSON.stringify(looked.state))
    return looked.verdict
  })
}

const baseline = [replica(90, 0, 100)]
const healthy = { canary: [replica(10, 0, 100)], baseline }

test('within the limits each step is promoted after a window at its weight', () => {
  const verdicts = run([...ticks(0, 80, healthy), ...ticks(80, 160, { ...healthy, weight: 0.25 })])
  const promotions = verdicts.filter(({ kind }) => kind === 'promote')
  assert.deepEqual(
    promotions.map(({ t, toWeight }) => [t, toWeight]),
    [
      [59, 0.25],
      [60, 1],
    ],
  )
})

test('a limit that is exceeded in the window rolls back for good', () => {
  const failing = { canary: [replica(10, 1, 100)], baseline }
  const verdicts = run([...ticks(0, 10, failing), ...ticks(10, 200, healthy)])
  assert.equal(verdicts.at(-1)!.kind, 'rollback')
  assert.match(verdicts.at(-1)!.reason, /^error rate 10% is above the limit of 5%; 2 of 20 canary/)
  const slow = run(ticks(0, 10, { canary: [replica(10, 0, 400)], baseline }))
  assert.match(slow.at(-1)!.reason, /^p95 \d+ ms is above the limit of 250 ms/)
})

test('what left the window is forgotten', () => {
  const little = { canary: [replica(10, 0, 100)], baseline }
  const verdicts = run([
    ...ticks(0, 1, { canary: [replica(10, 1, 100)], baseline }),
    ...ticks(1, 70, little),
  ])
  assert.equal(verdicts.at(-1)!.evidence.canary.errors, 0)
  assert.equal(verdicts.at(-1)!.evidence.seconds, 60)
})

test('too few requests are no evidence, and in the end inconclusive', () => {
  const verdicts = run(ticks(0, 1801, { canary: [], baseline }))
  assert.equal(verdicts[1000]!.kind, 'no-evidence')
  assert.equal(verdicts.at(-1)!.kind, 'inconclusive')
})
