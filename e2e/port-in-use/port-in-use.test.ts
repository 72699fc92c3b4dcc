import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { Stage } from '../rig/stage.ts'

describe('a node whose port another program has', () => {
  let stage: Stage
  let other: Server
  let port: string
  before(async () => {
    stage = await Stage.prepare({ environments: { production: { from: 'main' } } })
    other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    port = String((other.address() as AddressInfo).port)
  })
  after(async () => {
    other?.close()
    await stage?.close()
  })

  it('says which port and which option, and leaves nothing behind', async () => {
    const { plane } = stage
    const said = await plane.slipway('node', '--port', port)
    assert.equal(said.code, 3)
    assert.equal(said.out, '')
    assert.match(said.err, new RegExp(`^slipway: port ${port} is taken.*--port`))
    assert.equal(existsSync(plane.home.nodeSocket), false)
  })

  it('starts in the same folder once the port is free', async () => {
    other.close()
    await once(other, 'close')
    await stage.plane.startNode()
    assert.equal(existsSync(stage.plane.home.nodeSocket), true)
  })
})
