import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { QUICK } from '../rig/project.ts'
import { play } from '../rig/stage.ts'
import { failuresByVersion } from '../rig/traffic.ts'

describe('kill -9', () => {
  const on = play({
    environments: {
      production: {
        from: 'main',
        strategy: { canary: [30, 60, 100] },
        replicas: 2,
        analysis: QUICK,
      },
    },
  })

  it('of serve in the middle of a rollout: it finishes after the restart, and no request fails', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(3)
    const commit = await on.project.send('web', { version: '2' })
    await on.plane.untilRollout(commit, 'a weight', ({ weight }) => weight > 0 && weight < 100)
    on.plane.serve.kill('SIGKILL')
    await on.plane.serve.ended
    await traffic.lasting(1)
    await on.plane.startServe()
    assert.equal(await on.plane.settled(commit), 'passed')
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
    assert.equal((await on.plane.workload())?.version, commit.slice(0, 12))
  })

  it('of serve again and again: it still gets there, and no request fails', async () => {
    const traffic = on.stage.traffic()
    const commit = await on.project.send('web', { version: '3' })
    for (let i = 1; i <= 5; i += 1) {
      await traffic.lasting(0.4 * i)
      on.plane.serve.kill('SIGKILL')
      await on.plane.serve.ended
      await on.plane.startServe()
    }
    assert.equal(await on.plane.settled(commit), 'passed')
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
    const rollouts = await on.plane.api.rollouts()
    assert.equal(rollouts.filter(({ release }) => release === commit.slice(0, 12)).length, 1)
  })

  it('of a canary: another one takes its place, it is promoted, and no request fails', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(1)
    const commit = await on.project.send('web', { version: '4' })
    await on.plane.untilRollout(commit, 'a weight', ({ weight }) => weight > 0)
    const victim = await on.plane.until('a canary with a process', async () => {
      const { instances } = await on.plane.instances()
      const { revision } = instances[0] ?? {}
      const young = instances.find((one) => one.revision !== revision && one.state === 'ready')
      return young?.pid ?? null
    })
    process.kill(-victim, 'SIGKILL')
    assert.equal(await on.plane.settled(commit), 'passed')
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
  })

  it('of an instance: it is replaced and recorded, and no request fails', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(1)
    const [victim = 0] = (await on.plane.workload())?.pids ?? []
    process.kill(-victim, 'SIGKILL')
    await on.plane.until('two instances again', async () => {
      const workload = await on.plane.workload()
      return workload?.ready === 2 && !workload.pids.includes(victim) ? true : null
    })
    const recorded = await on.plane.until('the event', async () => {
      const events = await on.plane.events('workload', 'production/web')
      return events.find(({ type }) => type === 'workload.instance-replaced') ?? null
    })
    assert.match(JSON.stringify(recorded.data), /killed by SIGKILL/)
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
  })

  it('of the node in the middle of a rollout: it goes on with the next one, and is promoted', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(1)
    const commit = await on.project.send('web', { version: '5' })
    await on.plane.untilRollout(commit, 'a weight', ({ weight }) => weight > 0)
    on.plane.node.kill('SIGKILL')
    await on.plane.node.ended
    await on.plane.startNode()
    assert.equal(await on.plane.settled(commit), 'passed')
    const load = await traffic.stop()
    assert.deepEqual(
      Object.keys(failuresByVersion(load)).filter((version) => version !== 'none'),
      [],
      'requests fail for want of an edge, and none at an instance',
    )
  })

  it('of the node: the next one takes the same instances up again, and none is left over', async () => {
    const before = (await on.plane.workload())?.pids ?? []
    on.plane.node.kill('SIGKILL')
    await on.plane.node.ended
    await on.plane.startNode()
    await on.plane.until('both instances', async () =>
      (await on.plane.workload())?.ready === 2 ? true : null,
    )
    assert.deepEqual((await on.plane.workload())?.pids.toSorted(), before.toSorted())
    const traffic = on.stage.traffic()
    await traffic.lasting(1)
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
  })
})
