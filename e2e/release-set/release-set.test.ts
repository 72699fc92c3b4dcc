import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { QUICK } from '../rig/project.ts'
import { play } from '../rig/stage.ts'
import { failuresByVersion } from '../rig/traffic.ts'

describe('a release of two services', () => {
  const on = play({
    services: { web: {}, api: {} },
    environments: {
      production: {
        from: 'main',
        strategy: { canary: [50, 100] },
        replicas: 1,
        analysis: QUICK,
      },
    },
  })

  it('goes back whole when one of them is bad, and only the bad one is held', async () => {
    const web = on.stage.traffic('web')
    const api = on.stage.traffic('api')
    await web.lasting(2)
    const both = await on.project.sendAll({
      web: { version: '2', failShare: 0.2 },
      api: { version: '2' },
    })
    assert.equal(await on.plane.settled(both), 'rolled-back')
    await untilServed(on.stage.first)
    assert.deepEqual(Object.keys(failuresByVersion(await web.stop())), ['2'])
    assert.deepEqual(failuresByVersion(await api.stop()), {})
    const { holds } = await on.plane.api.status()
    assert.deepEqual(
      holds.map(({ service }) => service),
      ['web'],
    )
  })

  it('goes back with the newer one that carries the bad version on', async () => {
    const bad = await on.project.send('web', { version: '3', failShare: 0.2 })
    await on.plane.untilRollout(bad, 'half of the traffic', ({ weight }) => weight === 50)
    const newer = await on.project.send('api', { version: '3' })
    await on.plane.until('the newer release on its way', () =>
      on.plane.rollout(newer, { service: 'api' }),
    )
    // Only now is there something to judge version 3 of web by.
    const web = on.stage.traffic('web')
    assert.equal(await on.plane.settled(newer), 'rolled-back')
    await untilServed(on.stage.first)
    assert.deepEqual(Object.keys(failuresByVersion(await web.stop())), ['3'])
    assert.equal((await on.plane.api.passage('production', bad))?.status, 'superseded')
  })

  it('passes once both are good', async () => {
    const web = on.stage.traffic('web')
    const api = on.stage.traffic('api')
    const good = await on.project.send('web', { version: '4' })
    assert.equal(await on.plane.settled(good), 'passed')
    assert.deepEqual(failuresByVersion(await web.stop()), {})
    assert.deepEqual(failuresByVersion(await api.stop()), {})
    await untilServed(good)
  })

  /** Waits until both run what this commit's release has. */
  async function untilServed(commit: string): Promise<void> {
    const releases = await on.plane.releases()
    const { services = {} } = releases.find((one) => one.commit === commit) ?? {}
    await on.plane.until(`both services of ${commit.slice(0, 12)}`, async () => {
      const { workloads } = await on.plane.environment()
      const isServed = workloads.every(
        ({ service, digest, rollout }) => digest === services[service]?.digest && rollout === null,
      )
      return isServed ? true : null
    })
  }
})
