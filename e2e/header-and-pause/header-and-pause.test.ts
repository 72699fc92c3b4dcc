import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { QUICK } from '../rig/project.ts'
import { play } from '../rig/stage.ts'
import { ask, failuresByVersion, servedByVersion, type Traffic } from '../rig/traffic.ts'

describe('a canary with a header step and a pause', () => {
  const on = play({
    environments: {
      production: {
        from: 'main',
        strategy: { canary: [{ header: { 'x-canary': 'true' } }, { pause: true }, 50, 100] },
        replicas: 2,
        analysis: QUICK,
      },
    },
  })
  let commit = ''
  let traffic: Traffic

  it('shows the new version to those with the header and to nobody else', async () => {
    traffic = on.stage.traffic()
    await traffic.lasting(2)
    commit = await on.project.send('web', { version: '2' })
    const rollout = await on.plane.untilRollout(commit, 'the pause', ({ paused }) => !!paused)
    assert.match(rollout.paused ?? '', /waits for a person to resume/)
    const at = { port: on.plane.port, host: 'web.production' }
    for (let i = 0; i < 20; i += 1) {
      assert.equal((await ask(at, { 'x-canary': 'true' })).version, '2')
      assert.equal((await ask(at)).version, '1')
    }
    assert.deepEqual(Object.keys(servedByVersion(traffic.snapshot())), ['1'])
  })

  it('goes on when a person resumes it, and no request fails', async () => {
    const resumed = await on.plane.slipway('resume', 'production/web')
    assert.equal(resumed.code, 0, resumed.err)
    assert.equal(await on.plane.settled(commit), 'passed')
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
    const rollout = await on.plane.rollout(commit)
    assert.deepEqual(
      rollout?.steps.map(({ name }) => name),
      ['header x-canary: true', 'pause', '50 %', '100 %'],
    )
    const events = await on.plane.events('rollout', rollout.id)
    const asked = events.find(({ type }) => type === 'rollout.asked-to-resume')
    assert.equal(asked?.actor, 'ada@example.com')
  })
})
