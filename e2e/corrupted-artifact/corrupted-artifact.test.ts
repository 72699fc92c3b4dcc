import assert from 'node:assert/strict'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Stage } from '../rig/stage.ts'
import { failuresByVersion, servedByVersion } from '../rig/traffic.ts'

const APPROVED = ['--as', 'ada@example.com'] as const

describe('an artifact whose layer was changed on disk', () => {
  let stage: Stage
  let bad: string
  before(async () => {
    stage = await Stage.prepare({
      services: { web: { ready: { path: '/healthz', interval: '100ms', deadline: '4s' } } },
      environments: { production: { from: 'main', strategy: 'rolling', approve: ['owners'] } },
      more: { roles: { owners: ['ada@example.com'] } },
    })
    await stage.plane.startNode()
    await stage.plane.startServe()
    await approve(stage.first)
    assert.equal(await stage.plane.settled(stage.first), 'passed')
  })
  after(() => stage?.close())

  async function approve(commit: string): Promise<void> {
    await stage.plane.until('a release to approve', async () => {
      const { next } = await stage.plane.environment()
      return next?.release === commit.slice(0, 12) ? next : null
    })
    const said = await stage.plane.slipway('approve', 'production', ...APPROVED)
    assert.equal(said.code, 0, said.err)
  }

  /** Changes one byte in the middle of the newest release's last layer; its size stays. */
  async function corrupt(commit: string): Promise<void> {
    const events = await stage.plane.events('release', commit.slice(0, 12))
    const services = events.at(-1)?.data as { readonly web: { readonly digest: string } }
    const blobs = join(stage.plane.home.artifacts, 'blobs', 'sha256')
    const path = (digest: string) => join(blobs, digest.replace('sha256:', ''))
    const manifest = JSON.parse(readFileSync(path(services.web.digest), 'utf8'))
    const layer = path(manifest.layers.at(-1).digest)
    const bytes = readFileSync(layer)
    const middle = bytes.length >> 1
    const file = openSync(layer, 'r+')
    writeSync(file, Buffer.of(bytes[middle]! ^ 0xff), 0, 1, middle)
    closeSync(file)
  }

  it('is never started: status says why, and the old version answers every request', async () => {
    const traffic = stage.traffic('web', 50)
    bad = await stage.project.send('web', { version: '2' })
    await stage.plane.until('a release to approve', async () => {
      const { next } = await stage.plane.environment()
      return next?.release === bad.slice(0, 12) ? next : null
    })
    await corrupt(bad)
    await approve(bad)
    const told = await stage.plane.until('word of the corrupted layer', async () => {
      const said = await stage.plane.slipway('status', 'production')
      const text = said.out.replace(/\s+/g, ' ')
      return /blob sha256:\w+ is corrupted/.test(text) ? text : null
    })
    assert.match(told, /could not be started/)
    assert.notEqual(await stage.plane.settled(bad), 'passed')
    const events = await stage.plane.events('workload')
    assert.ok(events.some(({ type }) => type === 'workload.instance-start-failed'))
    const load = await traffic.stop()
    assert.deepEqual(failuresByVersion(load), {})
    assert.deepEqual(Object.keys(servedByVersion(load)), ['1'])
  })

  it('is built again by the next release that names it, once a person lifts the hold', async () => {
    const { plane, project } = stage
    const third = await project.write('NOTES.md', 'nothing of web\n')
    await approve(third)
    const held = (await plane.environment()).next?.gates.find(({ kind }) => kind === 'held')
    assert.match(held?.reason ?? '', /is corrupted/)
    const [hold] = (await plane.api.status()).holds
    const said = await plane.slipway('hold', '--lift', hold?.id ?? '', ...APPROVED)
    assert.equal(said.code, 0, said.err)
    assert.equal(await plane.settled(third), 'passed')
    assert.deepEqual((await plane.api.run(third))?.built, ['web'])
    const traffic = stage.traffic('web', 50)
    await traffic.lasting(0.5)
    assert.deepEqual(Object.keys(servedByVersion(await traffic.stop())), ['2'])
  })
})
