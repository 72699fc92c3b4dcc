import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { request } from 'undici'
import { homeOf } from '../home/index.ts'
import {
  processesOf,
  revisionWith,
  SHOP,
  temporaryFolder,
  unpackFixture,
  until,
  untilReady,
} from '../platform/local/testdata/fixture.ts'
import { tinyBalancer } from '../platform/local/testdata/tiny-balancer.ts'
import { platformContract } from '../platform/platform.contract.ts'
import { createEdge } from '../traffic/edge/index.ts'
import type { Split } from '../traffic/index.ts'
import { type ConnectedNode, connectNode, type RunningNode, startNode } from './index.ts'

platformContract('a node over its socket', async () => {
  const folder = await temporaryFolder()
  const heard = tinyBalancer()
  const home = homeOf(folder.path)
  const node = await startNode({
    home,
    port: 0,
    unpack: unpackFixture,
    createEdge: (options) => {
      const edge = createEdge(options)
      const update = edge.update.bind(edge)
      edge.update = (workload, endpoints) => {
        heard.update(workload, endpoints)
        update(workload, endpoints)
      }
      return edge
    },
  })
  const remote = connectNode(home.nodeSocket)
  return {
    platform: remote.platform,
    inTraffic: () => heard.readyInstances(SHOP),
    close: async () => {
      await remote.close()
      await node.close()
      await folder.remove()
    },
  }
})

describe('a node', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let remote: ConnectedNode
  const nodes: RunningNode[] = []
  const start = async (port = 0, env: Record<string, string> = {}) => {
    const home = homeOf(folder.path)
    const node = await startNode({ home, port, createEdge, unpack: unpackFixture, env })
    nodes.push(node)
    return node
  }
  const splitTo = (revision: string): Split => ({
    weights: { [revision]: 100 },
    header: null,
    mirror: null,
    preview: null,
    sticky: false,
  })
  beforeEach(async () => {
    folder = await temporaryFolder()
    remote = connectNode(homeOf(folder.path).nodeSocket)
  })
  afterEach(async () => {
    await remote.close()
    for (const node of nodes.splice(0)) await node.close()
    await folder.remove()
  })

  it('has a socket that only its user may open, and takes it away when it ends', async () => {
    const node = await start()
    const { nodeSocket } = homeOf(folder.path)
    assert.equal(statSync(nodeSocket).mode & 0o777, 0o600)
    assert.deepEqual(await remote.health(), node.health)
    await node.close()
    assert.equal(existsSync(nodeSocket), false)
    await assert.rejects(remote.health(), { code: 'node-unreachable', retry: 'later' })
  })

  it('is the only one of its state folder', async () => {
    await start()
    await assert.rejects(start(), {
      code: 'node-in-use',
      message: new RegExp(`process ${process.pid} is the node of`),
    })
  })

  it('says which port is taken, and lets go of the folder', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    const port = await until('a port', () => {
      const address = squatter.address()
      return typeof address === 'object' && address !== null && address.port
    })
    await assert.rejects(start(port), {
      code: 'port-in-use',
      message: new RegExp(`port ${port} .* --port`),
    })
    squatter.close()
    await start()
  })

  it('sends requests to instances by the split, on both addresses', async () => {
    await start()
    const revision = revisionWith()
    await remote.platform.scale(SHOP, [{ revision, count: 1 }])
    const [instance] = await untilReady(remote.platform, SHOP, 1)
    assert.equal(await remote.traffic.observe(SHOP), null)
    await remote.traffic.setSplit(SHOP, splitTo(revision.id))
    assert.deepEqual(await remote.traffic.observe(SHOP), splitTo(revision.id))
    const address = await remote.traffic.address(SHOP)
    const { port } = await remote.health()
    const host = new URL(address?.host ?? '').host
    const byHost = await request(`http://127.0.0.1:${port}/`, { headers: { host } })
    assert.equal(await byHost.body.text(), instance?.id)
    const direct = await request(address?.direct ?? '')
    assert.equal(await direct.body.text(), instance?.id)
    assert.match(await remote.prometheus(), /shop/)
    const [view] = await remote.view()
    assert.equal(view?.platform.instances[0]?.id, instance?.id)
    const ticks = await until('a tick with both', async () => {
      const seen = await remote.metrics.ticks(SHOP, 0)
      const replicas = seen.flatMap((tick) => tick.revisions[revision.id] ?? [])
      return replicas.reduce((sum, { requests }) => sum + requests, 0) === 2 && seen
    })
    const last = ticks.at(-1)?.t ?? 0
    assert.ok((await remote.metrics.ticks(SHOP, last)).every(({ t }) => t > last))
    await remote.traffic.remove(SHOP)
    assert.equal(await remote.traffic.observe(SHOP), null)
  })

  it('gives an instance the addresses that it needs, the same ones after a restart', async () => {
    const node = await start()
    const revision = revisionWith({}, { needs: ['price-list'] })
    await remote.platform.scale(SHOP, [{ revision, count: 1 }])
    const [before] = await untilReady(remote.platform, SHOP, 1)
    const env = await environmentOf(before?.port)
    assert.match(env.PRICE_LIST_URL ?? '', /^http:\/\/127\.0\.0\.1:\d+$/)
    await remote.traffic.setSplit({ ...SHOP, service: 'price-list' }, splitTo('any'))
    await node.close({ leaveRunning: true })
    await start()
    const [after] = await untilReady(remote.platform, SHOP, 1)
    assert.equal(after?.pid, before?.pid)
    const address = await remote.traffic.address({ ...SHOP, service: 'price-list' })
    assert.equal(address?.direct, env.PRICE_LIST_URL)
  })

  it('refuses what it cannot read, and changes nothing', async () => {
    await start()
    const good = { revision: revisionWith(), count: 1 }
    const bad: readonly [string, unknown][] = [
      ['scale', 'not a list'],
      ['scale', [{ ...good, count: -1 }]],
      ['scale', [good, good]],
      ['scale', [{ ...good, revision: { ...good.revision, digest: 'latest' } }]],
      ['scale', [{ ...good, revision: { ...good.revision, colour: 'red' } }]],
      ['split', { ...splitTo('one'), weights: { one: 101 } }],
      ['split', { weights: {} }],
    ]
    for (const [what, body] of bad) {
      const answer = await ask('PUT', `/workloads/production/shop/${what}`, JSON.stringify(body))
      assert.equal(answer.status, 422, `${what} ${JSON.stringify(body)}`)
    }
    assert.equal((await ask('PUT', '/workloads/production/shop/scale', '{')).status, 422)
    assert.equal((await ask('GET', '/nothing')).status, 422)
    assert.equal((await ask('GET', '/events?after=x')).status, 422)
    await assert.rejects(
      remote.traffic.setSplit(SHOP, { ...splitTo('one'), weights: { one: 50 } }),
      {
        code: 'split-invalid',
        fault: 'input',
      },
    )
    assert.deepEqual(await remote.platform.list(), [])
    assert.equal(await remote.traffic.observe(SHOP), null)
  })

  it('keeps a secret out of its files, answers and events', async () => {
    const secret = 'correct horse battery staple'
    await start(0, { SHOP_PASSWORD: secret, PATH: process.env.PATH ?? '' })
    const revision = revisionWith({ PASSWORD: { env: 'SHOP_PASSWORD' }, CRASH: 'start' })
    await remote.platform.scale(SHOP, [{ revision, count: 1 }])
    const [event] = await until('its end', async () => {
      const events = await remote.platform.events(0)
      return events.length > 0 && events
    })
    assert.match(event?.message ?? '', /exited with code 3 after .* the password \*\*\* is wrong/)
    const shown = JSON.stringify([await remote.view(), await remote.platform.events(0)])
    assert.equal(shown.includes(secret), false)
    await nodes.at(-1)?.close()
    const { readFileSync } = await import('node:fs')
    const kept = readFileSync(`${homeOf(folder.path).node}/platform.json`, 'utf8')
    assert.equal(kept.includes(secret), false)
    assert.ok(kept.includes('SHOP_PASSWORD'))
  })

  it('leaves nothing running when it ends, and starts what was asked when it is back', async () => {
    const node = await start()
    const revision = revisionWith()
    await remote.platform.scale(SHOP, [{ revision, count: 2 }])
    const first = await untilReady(remote.platform, SHOP, 2)
    await node.close()
    assert.deepEqual(await processesOf(new Set(first.map(({ id }) => id))), [])
    await start()
    const second = await untilReady(remote.platform, SHOP, 2)
    assert.ok(second.every(({ pid }) => !first.some((old) => old.pid === pid)))
  })

  async function ask(method: 'GET' | 'PUT', path: string, body?: string) {
    const { Client } = await import('undici')
    const client = new Client('http://node', { socketPath: homeOf(folder.path).nodeSocket })
    const answer = await client.request({ method, path, ...(body !== undefined && { body }) })
    const text = await answer.body.text()
    await client.close()
    return { status: answer.statusCode, text }
  }
})

async function environmentOf(port: number | null | undefined): Promise<Record<string, string>> {
  const answer = await request(`http://127.0.0.1:${port}/env`)
  return (await answer.body.json()) as Record<string, string>
}
