import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { QUICK } from '../rig/project.ts'
import { play } from '../rig/stage.ts'
import { ask, failuresByVersion } from '../rig/traffic.ts'

/** The promise: stable has all traffic within so long after the verdict. */
const BACK_WITHIN_MS = 2000

describe('a change that fails one request in ten', () => {
  const on = play({
    environments: {
      production: {
        from: 'main',
        strategy: { canary: [50, 100] },
        replicas: 2,
        // It must not take the bad one for good first.
        analysis: { ...QUICK, beta: '1%' },
      },
    },
  })
  let bad = ''
  let digest = ''

  it('is rolled back by a verdict, and only the canary itself has failed requests', async (t) => {
    const traffic = on.stage.traffic()
    await traffic.lasting(3)
    bad = await on.project.send('web', { version: '2', failShare: 0.1 })
    assert.equal(await on.plane.settled(bad), 'rolled-back')
    const load = await traffic.stop()

    assert.deepEqual(Object.keys(failuresByVersion(load)), ['2'])
    const rollout = await on.plane.rollout(bad)
    assert.equal(rollout?.outcome, 'rolled-back')
    assert.equal(rollout.verdict?.verdict, 'rollback')
    assert.match(rollout.reason, /error/)
    const events = await on.plane.events('rollout', rollout.id)
    const verdictAt = events.find(({ type }) => type === 'rollout.rolling-back')?.at
    const settledAt = events.find(({ type }) => type === 'rollout.settled')?.at
    assert.ok(verdictAt && settledAt && verdictAt <= settledAt)
    const lastFailure = Math.max(...load.failures.map(({ dueAt }) => dueAt))
    assert.ok(lastFailure < verdictAt + BACK_WITHIN_MS)
    t.diagnostic(
      `${load.failed} failed requests of ${load.total}; the rollback was over ${settledAt - verdictAt} ms after the verdict`,
    )
  })

  it('leaves version 1 serving, every instance of it', async () => {
    const { port } = on.plane
    for (let i = 0; i < 20; i += 1) {
      const { status, version } = await ask({ port, host: 'web.production' })
      assert.deepEqual({ status, version }, { status: 200, version: '1' })
    }
    const workload = await on.plane.workload()
    assert.equal(workload?.ready, 2)
  })

  it('is reverted by a commit whose trailers say what was rejected and why', async () => {
    const text = await on.plane.environmentGit('log', '-1', '--format=%s%n%b', 'main')
    assert.match(text, /^Roll back web in production/)
    assert.match(text, /Slipway-Kind: rollback/)
    assert.match(text, /Slipway-Rejected: sha256:[0-9a-f]{64}/)
    assert.match(text, new RegExp(`Slipway-Release: ${on.stage.first.slice(0, 12)}`))
    assert.match(text, /Reason: web: .*error/)
    assert.match(text, /Actor: slipway/)
  })

  it('is held, so the same commit is not tried again', async () => {
    const holds = JSON.parse((await on.plane.slipway('hold', '--json')).out) as { digest: string }[]
    assert.equal(holds.length, 1)
    digest = holds[0]!.digest
    const refused = await on.plane.slipway('promote', 'production', bad.slice(0, 12))
    assert.equal(refused.code, 1)
    assert.match(refused.err, /held: web is held/)
    const rollouts = await on.plane.api.rollouts()
    assert.equal(rollouts.filter(({ release }) => release === bad.slice(0, 12)).length, 1)
  })

  it('may be tried again once a person has lifted the hold', async () => {
    const lifted = await on.plane.slipway('hold', '--lift', digest, '--reason', 'try it again')
    assert.equal(lifted.code, 0, lifted.err)
    const deployed = await on.plane.slipway('deploy', 'production', bad.slice(0, 12))
    assert.equal(deployed.code, 0, deployed.err)
    await on.plane.untilRollout(bad, 'the second try', ({ phase }) => phase !== 'settled')
    const events = await on.plane.events('hold')
    assert.deepEqual(
      events.map(({ type, actor }) => [type, actor]),
      [
        ['hold.placed', 'slipway'],
        ['hold.lifted', 'ada@example.com'],
      ],
    )
  })
})
