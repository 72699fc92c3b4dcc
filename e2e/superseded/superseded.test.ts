import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { QUICK } from '../rig/project.ts'
import { play } from '../rig/stage.ts'
import { failuresByVersion, servedByVersion } from '../rig/traffic.ts'

describe('a newer commit during a rollout', () => {
  const on = play({
    environments: {
      production: {
        from: 'main',
        strategy: { canary: [50, 100] },
        replicas: 2,
        analysis: { ...QUICK, dwell: '2s' },
      },
    },
  })

  it('supersedes the older one, serves in the end, and no request fails', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(2)
    const older = await on.project.send('web', { version: '2' })
    await on.plane.untilRollout(older, 'the first weight', ({ weight }) => weight === 50)
    const newer = await on.project.send('web', { version: '3' })
    assert.equal(await on.plane.settled(newer), 'passed')
    const load = await traffic.stop()
    assert.deepEqual(failuresByVersion(load), {})
    assert.ok((servedByVersion(load)['3'] ?? 0) > 0)
    assert.equal((await on.plane.rollout(older))?.outcome, 'superseded')
    assert.equal((await on.plane.api.passage('production', older))?.status, 'superseded')
    assert.equal((await on.plane.workload())?.version, newer.slice(0, 12))
  })

  it('preempts one that never gets ready, long before its deadline', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(1)
    const stuck = await on.project.send('web', { version: '4', neverReady: true })
    await on.plane.untilRollout(stuck, 'its wait', ({ reason }) => /0 of 1 .* 503/.test(reason))
    const good = await on.project.send('web', { version: '5' })
    assert.equal(await on.plane.settled(good), 'passed')
    assert.equal((await on.plane.rollout(stuck))?.outcome, 'superseded')
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
  })

  it('that is bad goes back to what served, not to what it superseded', async () => {
    const served = (await on.plane.workload())?.version
    const traffic = on.stage.traffic()
    await traffic.lasting(2)
    const older = await on.project.send('web', { version: '6' })
    await on.plane.untilRollout(older, 'the first weight', ({ weight }) => weight === 50)
    const bad = await on.project.send('web', { version: '7', failShare: 0.3 })
    assert.equal(await on.plane.settled(bad), 'rolled-back')
    assert.deepEqual(Object.keys(failuresByVersion(await traffic.stop())), ['7'])
    assert.equal((await on.plane.workload())?.version, served)
    const text = await on.plane.environmentGit('log', '-1', '--format=%b', 'main')
    assert.match(text, new RegExp(`Slipway-Release: ${served}`))
  })
})
