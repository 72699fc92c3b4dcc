import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { QUICK } from '../rig/project.ts'
import { play } from '../rig/stage.ts'
import { failuresByVersion, servedByVersion } from '../rig/traffic.ts'

describe('a good change to one of two services', () => {
  const on = play({
    services: { web: {}, api: {} },
    environments: {
      staging: { from: 'main', replicas: 1 },
      production: {
        from: 'staging',
        strategy: { canary: [50, 100] },
        replicas: 2,
        analysis: QUICK,
      },
    },
  })
  let second = ''
  let apiBefore: string | null | undefined

  it('is promoted step by step by verdicts, and no request fails', async () => {
    apiBefore = (await on.plane.workload('api'))?.digest
    const traffic = on.stage.traffic()
    await traffic.lasting(3)
    second = await on.project.send('web', { version: '2' })
    assert.equal(await on.plane.settled(second), 'passed')
    const load = await traffic.stop()

    assert.deepEqual(failuresByVersion(load), {})
    const { '1': old = 0, '2': young = 0 } = servedByVersion(load)
    assert.ok(old > 0 && young > 0, `versions 1 and 2 answered ${old} and ${young}`)
    const rollout = await on.plane.rollout(second)
    assert.equal(rollout?.outcome, 'promoted')
    assert.deepEqual(
      rollout.steps.map(({ name }) => name),
      ['50 %', '100 %'],
    )
    assert.equal(rollout.steps[0]?.verdict?.verdict, 'promote')
  })

  it('builds only the service that changed; the other keeps its digest and its instances', async () => {
    const run = await on.plane.api.run(second)
    assert.deepEqual(run?.built, ['web'])
    assert.deepEqual(run.cached, ['api'])
    assert.equal((await on.plane.workload('api'))?.digest, apiBefore)
    assert.equal(await on.plane.rollout(second, { service: 'api' }), null)
  })

  it('is in production with the digest that staging ran', async () => {
    const staging = await on.plane.workload('web', 'staging')
    const production = await on.plane.workload('web', 'production')
    assert.ok(production?.digest)
    assert.equal(production.digest, staging?.digest)
  })

  it('is one commit in the environment repo, with trailers that say why', async () => {
    const text = await on.plane.environmentGit('log', '-1', '--stat', 'main', '--', 'production')
    assert.match(text, /production\/web\.yaml/)
    assert.doesNotMatch(text, /api\.yaml/)
    assert.match(text, /Slipway-Kind: promotion/)
    assert.match(text, new RegExp(`Slipway-Release: ${second.slice(0, 12)}`))
    assert.match(text, new RegExp(`Source-Commit: ${second}`))
    assert.match(text, /Actor: slipway/)
  })
})
