import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Stage } from '../rig/stage.ts'

describe('serve without a node', () => {
  let stage: Stage
  before(async () => {
    stage = await Stage.prepare({
      environments: { production: { from: 'main', strategy: 'rolling' } },
    })
    await stage.plane.startServe()
  })
  after(() => stage?.close())

  it('builds the release and says what it waits for, once', async () => {
    const { plane } = stage
    await plane.until('word of the missing node', async () => {
      return /production\/web: no node answers/.test(plane.log('serve')) ? true : null
    })
    const release = stage.first.slice(0, 12)
    assert.equal((await plane.environment()).release, release)
    const said = await plane.slipway('status')
    assert.equal(said.code, 0)
    assert.match(said.out, /no node answers at .*node\.sock .*start `slipway node`/)
    const told = plane.log('serve').match(/production\/web: no node answers/g)
    assert.equal(told?.length, 1)
  })

  it('goes on by itself when the node comes', async () => {
    await stage.plane.startNode()
    assert.equal(await stage.plane.settled(stage.first), 'passed')
    assert.equal((await stage.plane.workload())?.version, stage.first.slice(0, 12))
  })
})
