import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { play } from '../rig/stage.ts'
import { ask, failuresByVersion, servedByVersion } from '../rig/traffic.ts'

/** The version of this very commit must answer at the address that the step is given. */
const SMOKE = `
import { readFileSync } from 'node:fs'
const { version } = JSON.parse(readFileSync('web/behaviour.json', 'utf8'))
const response = await fetch(process.env.WEB_URL)
const answer = await response.json()
if (response.status !== 200) throw new Error('status ' + response.status)
if (answer.version !== version) throw new Error(answer.version + ' answers, not ' + version)
`

describe('blue-green', () => {
  const on = play({
    environments: {
      production: {
        from: 'main',
        strategy: { 'blue-green': { hold: '60s' } },
        replicas: 2,
        verify: ['smoke'],
      },
    },
    more: {
      pipeline: { smoke: { run: 'node -e "$SMOKE"', env: { SMOKE }, cache: false } },
    },
  })

  it('takes a preview that fails its checks back before it has met a client', async () => {
    const traffic = on.stage.traffic()
    const commit = await on.project.send('web', { version: 'broken', failShare: 1 })
    assert.equal(await on.plane.settled(commit), 'rolled-back')
    const load = await traffic.stop()
    assert.deepEqual(Object.keys(servedByVersion(load)), ['1'])
    assert.deepEqual(failuresByVersion(load), {})
    assert.match((await on.plane.rollout(commit))?.reason ?? '', /preview's checks failed.*smoke/)
  })

  it('checks the preview, switches at once, and switches back within the hold', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(1)
    const commit = await on.project.send('web', { version: '2' })
    const { id } = await on.plane.untilRollout(
      commit,
      'the hold',
      ({ phase }) => phase === 'holding',
    )
    const types = (await on.plane.events('rollout', id)).map(({ type }) => type)
    const [checked, switched] = ['rollout.checks-passed', 'rollout.switching'].map((type) =>
      types.indexOf(type),
    )
    assert.ok(checked! >= 0 && checked! < switched!, types.join(', '))
    const { port } = on.plane
    for (let i = 0; i < 10; i += 1) {
      assert.equal((await ask({ port, host: 'web.production' })).version, '2')
    }

    const back = await on.plane.slipway('rollback', 'production', '--reason', 'a bad feeling')
    assert.equal(back.code, 0, back.err)
    assert.equal(await on.plane.settled(commit), 'rolled-back')
    for (let i = 0; i < 10; i += 1) {
      assert.equal((await ask({ port, host: 'web.production' })).version, '1')
    }
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
    const text = await on.plane.environmentGit('log', '-1', '--format=%b', 'main')
    assert.match(text, /Actor: ada@example\.com/)
    assert.match(text, /Reason: .*a bad feeling/)
  })
})
