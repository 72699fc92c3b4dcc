import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { QUICK } from '../rig/project.ts'
import { Stage } from '../rig/stage.ts'
import { failuresByVersion, servedByVersion } from '../rig/traffic.ts'

describe('a good change', () => {
  let stage: Stage
  let second: string
  before(async () => {
    stage = await Stage.open({
      services: { web: {}, api: {} },
      environments: {
        production: { from: 'main', strategy: { canary: [25, 100] }, replicas: 2, analysis: QUICK },
      },
    })
  })
  after(() => stage?.close())

  it('is promoted step by step by verdicts, and no request fails', async () => {
    const traffic = stage.traffic()
    await traffic.lasting(3)
    second = await stage.project.send('web', { version: '2' })
    assert.equal(await stage.plane.settled(second), 'passed')
    const load = await traffic.stop()
    assert.deepEqual(failuresByVersion(load), {})
    const { '1': old = 0, '2': young = 0 } = servedByVersion(load)
    assert.ok(old > 0 && young > 0, `versions 1 and 2 answered ${old} and ${young}`)
    const rollout = await stage.plane.rollout(second)
    assert.equal(rollout?.outcome, 'promoted')
    assert.deepEqual(
      rollout.steps.map(({ name }) => name),
      ['25 %', '100 %'],
    )
    assert.equal(rollout.steps[0]?.verdict?.verdict, 'promote')
  })
})
