import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { QUICK } from '../rig/project.ts'
import { play, Stage } from '../rig/stage.ts'
import { failuresByVersion, servedByVersion } from '../rig/traffic.ts'

const ready = { path: '/healthz', interval: '100ms', deadline: '3s' }

describe('a version that does not come up', () => {
  const on = play({
    services: { web: { ready } },
    environments: {
      production: { from: 'main', strategy: { canary: [50, 100] }, analysis: QUICK },
    },
  })

  it('is rolled back when its time is over, with the reason, and meets no client', async () => {
    const traffic = on.stage.traffic()
    const commit = await on.project.send('web', { version: '2', neverReady: true })
    assert.equal(await on.plane.settled(commit), 'rolled-back')
    const load = await traffic.stop()
    assert.deepEqual(Object.keys(servedByVersion(load)), ['1'])
    assert.deepEqual(failuresByVersion(load), {})
    assert.match((await on.plane.rollout(commit))?.reason ?? '', /not ready within 3 s: .*503/)
  })

  it('is rolled back when it keeps exiting at its start, with its exit code and last words', async () => {
    const traffic = on.stage.traffic()
    const commit = await on.project.send('web', { version: '3', crashAtStart: true })
    assert.equal(await on.plane.settled(commit), 'rolled-back')
    const load = await traffic.stop()
    assert.deepEqual(Object.keys(servedByVersion(load)), ['1'])
    assert.deepEqual(failuresByVersion(load), {})
    const { reason = '' } = (await on.plane.rollout(commit)) ?? {}
    assert.match(reason, /keeps ending: exited with code 7 .*cannot start: its reason is here/)
    const passage = await on.plane.api.passage('production', commit)
    assert.equal(passage?.reason, reason)
  })
})

describe('a first version that does not come up', () => {
  const on = play(
    {
      services: { web: { ready } },
      environments: { production: { from: 'main' } },
    },
    Stage.prepare,
  )

  it('has failed, with the reason, and a good commit mends it', async () => {
    const bad = await on.project.send('web', { version: '1', crashAtStart: true })
    await on.plane.startNode()
    await on.plane.startServe()
    assert.equal(await on.plane.settled(bad), 'failed')
    const passage = await on.plane.api.passage('production', bad)
    assert.match(passage?.reason ?? '', /web: .*exited with code 7/)
    const good = await on.project.send('web', { version: '2' })
    assert.equal(await on.plane.settled(good), 'passed')
  })
})
