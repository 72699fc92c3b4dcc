import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { play } from '../rig/stage.ts'
import { failuresByVersion } from '../rig/traffic.ts'

describe('recreate', () => {
  const on = play({
    environments: { production: { from: 'main', strategy: 'recreate', replicas: 1 } },
  })

  it('has a gap, which is told, and fails requests in it alone', async (t) => {
    const traffic = on.stage.traffic()
    await traffic.lasting(1)
    const commit = await on.project.send('web', { version: '2' })
    assert.equal(await on.plane.settled(commit), 'passed')
    const failed = traffic.snapshot().failed
    await traffic.lasting(1)
    const load = await traffic.stop()

    const { steps } = (await on.plane.rollout(commit))!
    assert.deepEqual(
      steps.map(({ name }) => name),
      ['stop the old version', 'start the new version', '100 %'],
    )
    const [from, to] = [steps[0]!.startedAt, steps.at(-1)!.endedAt ?? 0]
    const outside = load.failures.filter(({ dueAt }) => dueAt < from - 500 || dueAt > to + 500)
    assert.deepEqual(outside, [])
    assert.equal(load.failed, failed, 'nothing fails once it is over')
    assert.deepEqual(Object.keys(failuresByVersion(load)), ['none'], 'no instance failed a request')
    t.diagnostic(`the gap was ${to - from} ms, in it ${load.failed} requests failed`)
  })
})
