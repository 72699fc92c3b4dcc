import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it, type TestContext } from 'node:test'
import type { EdgeLimits } from './limits.ts'
import {
  endpoint,
  named,
  type Rig,
  rawClient,
  readToEnd,
  split,
  startBackend,
  startRig,
} from './rig.ts'

async function start(t: TestContext, limits: Partial<EdgeLimits> = {}): Promise<Rig> {
  const rig = await startRig(t, { limits })
  const { port } = await startBackend(t, named('one'))
  rig.edge.update(rig.workload, [endpoint('one', port)])
  await rig.edge.setSplit(rig.workload, split({ one: 100 }))
  return rig
}

async function answerTo(t: TestContext, rig: Rig, text: string): Promise<string> {
  const socket = rawClient(t, rig.edge.port)
  socket.write(text)
  return (await readToEnd(socket)).split('\r\n')[0] ?? ''
}

describe('what the edge refuses', () => {
  const head = 'POST / HTTP/1.1\r\nHost: orders.production.localhost\r\n'
  const bad: readonly (readonly [string, string])[] = [
    ['both lengths', `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${head}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`],
    ['a length that is none', `${head}Content-Length: +4\r\n\r\nabcd`],
    ['a coding it does not know', `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['a bad chunk', `${head}Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n0\r\n\r\n`],
    ['a space before the colon', `${head}X-A : 1\r\nContent-Length: 0\r\n\r\n`],
    ['a folded line', `${head}X-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n`],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a target that is no path', 'GET foo HTTP/1.1\r\nHost: orders.production.localhost\r\n\r\n'],
  ]
  for (const [what, text] of bad) {
    it(`answers 400 to ${what}`, { timeout: 10_000 }, async (t) => {
      const rig = await start(t)
      assert.match(await answerTo(t, rig, text), /^HTTP\/1\.1 400 /)
    })
  }

  it('answers 400 to two hosts of a workload that it knows', async (t) => {
    const rig = await start(t)
    const host = `Host: ${rig.host}\r\n`
    const text = `GET / HTTP/1.1\r\n${host}${host}Connection: close\r\n\r\n`
    assert.match(await answerTo(t, rig, text), /^HTTP\/1\.1 400 /)
  })

  it('answers 431 to a head that is too large', async (t) => {
    const rig = await start(t, { headerBytes: 4096 })
    const text = `GET / HTTP/1.1\r\nHost: ${rig.host}\r\nX-A: ${'a'.repeat(8000)}\r\n\r\n`
    assert.match(await answerTo(t, rig, text), /^HTTP\/1\.1 431 /)
  })

  it('answers 408 to a head that trickles in', async (t) => {
    const rig = await start(t, { headerMs: 200 })
    assert.match(await answerTo(t, rig, 'GET / HTTP/1.1\r\nHos'), /^HTTP\/1\.1 408 /)
  })

  it('closes a connection on which nothing comes', async (t) => {
    const rig = await start(t, { idleMs: 100 })
    assert.equal(await answerTo(t, rig, ''), '')
  })

  it('takes no more connections than it may', async (t) => {
    const rig = await start(t, { connections: 1 })
    const first = rawClient(t, rig.edge.port)
    first.write(`GET / HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`)
    await once(first, 'data')
    const second = rawClient(t, rig.edge.port)
    second.on('error', () => {})
    await once(second, 'close')
    assert.equal(second.bytesRead, 0)
  })
})
