import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Stage } from '../rig/stage.ts'
import { failuresByVersion } from '../rig/traffic.ts'

describe('a second program on one state folder', () => {
  let stage: Stage
  before(async () => {
    stage = await Stage.open({
      environments: { production: { from: 'main', strategy: 'rolling' } },
    })
  })
  after(() => stage?.close())

  it('is refused by the pid of the first serve, which goes on', async () => {
    const { plane } = stage
    const said = await plane.slipway('serve')
    assert.equal(said.code, 3)
    assert.equal(said.out, '')
    assert.match(said.err, new RegExp(`^slipway: .*process ${plane.serve.pid}\\b.*stop that one`))
    const second = await stage.project.send('web', { version: '2' })
    assert.equal(await plane.settled(second), 'passed')
  })

  it('is refused by the pid of the first node, which fails no request', async () => {
    const { plane } = stage
    const traffic = stage.traffic('web', 50)
    const said = await plane.slipway('node', '--port', '0')
    assert.equal(said.code, 3)
    assert.match(said.err, new RegExp(`^slipway: .*process ${plane.node.pid}\\b.*--state`))
    const workload = await plane.workload()
    assert.equal(workload?.ready, workload?.replicas)
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
  })
})
