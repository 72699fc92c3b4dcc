import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { QUICK } from '../rig/project.ts'
import { play } from '../rig/stage.ts'
import { type Answer, ask, failuresByVersion } from '../rig/traffic.ts'

const CLIENTS = 40

describe('a sticky service', () => {
  const canary = [30, { pause: true }, 70, { pause: true }, 100]
  const on = play({
    services: { web: { sticky: true } },
    environments: { production: { from: 'main', strategy: { canary }, analysis: QUICK } },
  })

  it('keeps each client on its version while weights change', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(3)
    const commit = await on.project.send('web', { version: '2' })
    await on.plane.untilRollout(commit, 'a pause at 30 %', isPausedAt(30))
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => askAs(null)))
    assert.deepEqual([...new Set(versionsOf(clients))].toSorted(), ['1', '2'])

    await resume()
    await on.plane.untilRollout(commit, 'a pause at 70 %', isPausedAt(70))
    for (let i = 0; i < 5; i += 1) {
      assert.deepEqual(versionsOf(await Promise.all(clients.map(askAs))), versionsOf(clients))
    }

    await resume()
    assert.equal(await on.plane.settled(commit), 'passed')
    const last = await Promise.all(clients.map(askAs))
    assert.deepEqual([...new Set(versionsOf(last))], ['2'], 'the old version is gone')
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
  })

  /** A request with the cookie of the client's first answer; null: of a new client. */
  function askAs(client: Answer | null): Promise<Answer> {
    const at = { port: on.plane.port, host: 'web.production' }
    return ask(at, client?.cookie ? { cookie: client.cookie } : {})
  }

  async function resume(): Promise<void> {
    const said = await on.plane.slipway('resume', 'production/web')
    assert.equal(said.code, 0, said.err)
  }
})

function versionsOf(answers: readonly Answer[]): readonly (string | null)[] {
  return answers.map(({ version }) => version)
}

function isPausedAt(weight: number) {
  return (rollout: { readonly paused: string | null; readonly weight: number }) =>
    rollout.paused !== null && rollout.weight === weight
}
