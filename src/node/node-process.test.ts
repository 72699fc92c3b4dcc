import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { request } from 'undici'
import { homeOf } from '../home/index.ts'
import {
  processesOf,
  revisionWith,
  SHOP,
  temporaryFolder,
  until,
  untilReady,
} from '../platform/local/testdata/fixture.ts'
import { type ConnectedNode, connectNode } from './index.ts'

describe('the process of a node', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let remote: ConnectedNode
  const seen = new Set<string>()
  const children: ChildProcess[] = []

  const start = async (): Promise<ChildProcess> => {
    const script = join(import.meta.dirname, 'testdata', 'node-process.ts')
    const child = spawn(process.execPath, [script, folder.path, '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    await Promise.race([once(createInterface({ input: child.stdout }), 'line'), failOnExit(child)])
    return child
  }
  const ready = async (count: number) => {
    const instances = await untilReady(remote.platform, SHOP, count)
    for (const { id } of instances) seen.add(id)
    return instances
  }
  beforeEach(async () => {
    folder = await temporaryFolder()
    remote = connectNode(homeOf(folder.path).nodeSocket)
  })
  afterEach(async () => {
    await remote.close()
    for (const child of children.splice(0)) await end(child, 'SIGTERM')
    assert.deepEqual(await processesOf(seen), [], 'instances are left')
    await folder.remove()
  })

  it('can be killed: its instances live on and the next node adopts them, with their routes', async () => {
    const first = await start()
    const revision = revisionWith({ GRANDCHILD: 'yes' })
    await remote.platform.scale(SHOP, [{ revision, count: 2 }])
    const before = await ready(2)
    const split = { weights: { [revision.id]: 100 }, header: null, mirror: null, preview: null }
    await remote.traffic.setSplit(SHOP, { ...split, sticky: true })
    const address = await remote.traffic.address(SHOP)
    await end(first, 'SIGKILL')
    await assert.rejects(remote.health(), { code: 'node-unreachable' })
    for (const { port } of before) {
      assert.equal((await request(`http://127.0.0.1:${port}/healthz`)).statusCode, 200)
    }

    await start()
    // Adopted instances are in traffic before the node says that it is up.
    assert.equal((await request(address?.direct ?? '')).statusCode, 200)
    const after = await ready(2)
    assert.deepEqual(identities(after), identities(before))
    assert.deepEqual(await remote.traffic.observe(SHOP), { ...split, sticky: true })
    const events = await remote.platform.events(0)
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['adopted', 'adopted'],
    )
  })

  it('notices the end of an adopted instance and starts it again', async () => {
    const first = await start()
    await remote.platform.scale(SHOP, [{ revision: revisionWith(), count: 1 }])
    const [before] = await ready(1)
    await end(first, 'SIGKILL')
    await start()
    await ready(1)
    process.kill(before?.pid ?? 0, 'SIGKILL')
    const [after] = await until('another process', async () => {
      const { instances } = await remote.platform.observe(SHOP)
      return instances[0]?.state === 'ready' && instances[0].pid !== before?.pid && instances
    })
    assert.equal(after?.restarts, 1)
    const kinds = (await remote.platform.events(0)).map(({ kind }) => kind)
    assert.deepEqual(kinds, ['adopted', 'replaced'])
  })

  it('replaces what ended while no node was there, and ends what was left of it', async () => {
    const first = await start()
    await remote.platform.scale(SHOP, [{ revision: revisionWith({ GRANDCHILD: 'yes' }), count: 1 }])
    const [before] = await ready(1)
    await end(first, 'SIGKILL')
    process.kill(before?.pid ?? 0, 'SIGKILL')
    await start()
    const [after] = await ready(1)
    assert.notEqual(after?.id, before?.id)
    assert.deepEqual(await processesOf(new Set([before?.id ?? ''])), [])
    const [event] = await remote.platform.events(0)
    assert.equal(event?.kind, 'replaced')
    assert.equal(event?.instance, before?.id)
  })

  it('ends a process of its own that it knows nothing of', async () => {
    const first = await start()
    await remote.platform.scale(SHOP, [{ revision: revisionWith(), count: 1 }])
    const [known] = await ready(1)
    const answer = await request(`http://127.0.0.1:${known?.port}/env`)
    const env = (await answer.body.json()) as Record<string, string>
    await end(first, 'SIGKILL')
    const stray = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      env: { ...env, SLIPWAY_INSTANCE: 'nobody' },
      stdio: 'ignore',
      detached: true,
    })
    const ended = once(stray, 'exit')
    try {
      await start()
      assert.equal(stray.signalCode ?? (await ended)[1], 'SIGKILL')
      assert.deepEqual(identities(await ready(1)), identities(known === undefined ? [] : [known]))
    } finally {
      stray.kill('SIGKILL')
    }
  })

  it('drains and ends everything at SIGTERM', async () => {
    const node = await start()
    await remote.platform.scale(SHOP, [{ revision: revisionWith({ GRANDCHILD: 'yes' }), count: 2 }])
    await ready(2)
    await end(node, 'SIGTERM')
    assert.equal(node.exitCode, 0)
    assert.deepEqual(await processesOf(seen), [])
    assert.equal(existsSync(homeOf(folder.path).nodeSocket), false)
  })
})

function identities(instances: readonly { id: string; pid: number | null }[]) {
  return instances.map(({ id, pid }) => `${id} ${pid}`).toSorted()
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

async function failOnExit(child: ChildProcess): Promise<never> {
  const [code, signal] = await once(child, 'exit')
  throw new Error(`the node ended with ${code ?? signal} before it was up`)
}
