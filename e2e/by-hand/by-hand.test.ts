import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { QUICK } from '../rig/project.ts'
import { play } from '../rig/stage.ts'
import { ask, failuresByVersion } from '../rig/traffic.ts'

describe('what people do by hand', () => {
  const on = play({
    services: { web: {}, api: {} },
    environments: {
      production: {
        from: 'main',
        strategy: { canary: [50, 100] },
        replicas: 2,
        // No verdict promotes anything within this story: people do.
        analysis: { ...QUICK, dwell: '5m' },
      },
    },
  })
  let promoted = ''

  it('pause stops the steps and not the judge: a bad version is rolled back while paused', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(2)
    const bad = await on.project.send('web', { version: '2', failShare: 0.2 })
    await on.plane.untilRollout(bad, 'a rollout', ({ phase }) => phase !== 'settled')
    const paused = await on.plane.slipway('pause', 'production/web', '--reason', 'freeze', '--json')
    assert.equal(paused.code, 0, paused.err)
    const { rollout: id } = JSON.parse(paused.out) as { rollout: string }
    assert.equal(await on.plane.settled(bad), 'rolled-back')
    assert.deepEqual(Object.keys(failuresByVersion(await traffic.stop())), ['2'])
    const types = (await on.plane.events('rollout', id)).map(({ type }) => type)
    assert.ok(
      types.includes('rollout.asked-to-pause') && !types.includes('rollout.asked-to-resume'),
    )
    assert.equal((await on.plane.rollout(bad))?.verdict?.verdict, 'rollback')
  })

  it('promote --rollout takes a rollout to its end without more evidence', async () => {
    const traffic = on.stage.traffic()
    promoted = await on.project.send('web', { version: '3' })
    await on.plane.untilRollout(promoted, 'half of the traffic', ({ weight }) => weight === 50)
    const done = await on.plane.slipway('promote', 'production', '--rollout')
    assert.equal(done.code, 0, done.err)
    assert.equal(await on.plane.settled(promoted), 'passed')
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
    assert.equal(await version(), '3')
  })

  it('rollback reverts a promoted release, and holds what it had changed alone', async () => {
    const traffic = on.stage.traffic()
    const api = await on.plane.workload('api')
    const web = await on.plane.workload('web')
    const back = await on.plane.slipway('rollback', 'production', '--reason', 'empty baskets')
    assert.equal(back.code, 0, back.err)
    const again = await on.plane.slipway('rollback', 'production')
    assert.match(again.out, /is going back already: empty baskets/)
    await on.plane.until('version 1', async () => ((await version()) === '1' ? true : null))
    await on.plane.quiet()
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
    const { holds } = await on.plane.api.status()
    const held = holds.map(({ digest }) => digest)
    assert.ok(held.includes(web?.digest ?? ''))
    assert.ok(!held.includes(api?.digest ?? ''))
    assert.equal((await on.plane.api.passage('production', promoted))?.status, 'rolled-back')
  })

  it('rollback with nothing before it says so and changes nothing', async () => {
    const before = await on.plane.environmentGit('rev-parse', 'main')
    const refused = await on.plane.slipway('rollback', 'production')
    assert.equal(refused.code, 1)
    assert.match(refused.err, /there was nothing in production before it/)
    assert.equal(await on.plane.environmentGit('rev-parse', 'main'), before)
    assert.equal((await on.plane.api.passage('production', on.stage.first))?.status, 'passed')
  })

  it('deploy puts an older release back', async () => {
    const fourth = await on.project.send('web', { version: '4' })
    await promoteByHand(fourth)
    assert.equal(await version(), '4')
    const traffic = on.stage.traffic()
    const deployed = await on.plane.slipway('deploy', 'production', on.stage.first.slice(0, 7))
    assert.equal(deployed.code, 0, deployed.err)
    await promoteByHand(on.stage.first)
    assert.equal(await version(), '1')
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
  })

  async function promoteByHand(commit: string): Promise<void> {
    await on.plane.untilRollout(commit, 'a rollout', ({ phase }) => phase !== 'settled')
    const done = await on.plane.slipway('promote', 'production', '--rollout')
    assert.equal(done.code, 0, done.err)
    assert.equal(await on.plane.settled(commit), 'passed')
  }

  async function version(): Promise<string | null> {
    return (await ask({ port: on.plane.port, host: 'web.production' })).version
  }
})
