// Checks what `npm start -- --exit --json` printed: nothing else on standard output, the shape that is
// promised, four commits with their outcomes, and no failed request but the faulty canary's own.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const summary = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const { ok, durationSeconds, requests, commits } = summary
assert.equal(ok, true, 'the job says that it is not ok')
assert.equal(
  requests.failed,
  requests.failedByFaultyCanary,
  'requests failed that no faulty canary answered',
)
assert.ok(requests.total > 10_000, `only ${requests.total} requests were sent`)
assert.ok(durationSeconds <= 300, `it took ${durationSeconds} s, more than five minutes`)
assert.deepEqual(
  commits.map((commit) => commit.outcome),
  ['promoted', 'promoted', 'rolled-back', 'promoted'],
)
const [first, good, bad, last] = commits
assert.deepEqual([...first.built].sort(), ['catalog', 'orders', 'storefront'])
assert.deepEqual([...good.built].sort(), ['catalog', 'storefront'])
assert.deepEqual(good.cached, ['orders'])
for (const commit of [good, bad, last]) {
  const canaries = commit.rollouts.filter((rollout) => rollout.environment === 'production')
  assert.ok(canaries.length > 0, `${commit.name} had no rollout in production`)
  for (const canary of canaries) assert.equal(canary.strategy, 'canary')
}
assert.ok(
  bad.detection.seconds > 0 && bad.detection.badRequests > 0,
  'the bad change was not detected by its requests',
)
for (const commit of commits) assert.ok(commit.stages.length >= 3, `${commit.name} has no stages`)
