import assert from 'node:assert/strict'
import { createServer as createTcp, type Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import type { Suspect } from './endpoint.ts'
import {
  ask,
  endpoint,
  freePort,
  named,
  portOf,
  type Rig,
  split,
  startBackend,
  startRig,
  until,
} from './rig.ts'

/** A server that takes connections, reads, and does what it is told with the connection. */
async function startRude(t: TestContext, onData: (socket: Socket, text: string) => void) {
  const open = new Set<Socket>()
  const server = createTcp((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('data', (data) => onData(socket, String(data)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return { port: portOf(server) }
}

async function twoInstances(t: TestContext, badPort: number): Promise<Rig & { good: string[] }> {
  const rig = await startRig(t)
  const good: string[] = []
  const { port } = await startBackend(t, (req, res) => {
    let body = ''
    req.on('data', (chunk) => {
      body += chunk
    })
    req.on('end', () => {
      good.push(`${req.method} ${body.length}`)
      res.end('good')
    })
  })
  rig.edge.update(rig.workload, [endpoint('one', badPort), endpoint('one', port)])
  await rig.edge.setSplit(rig.workload, split({ one: 100 }))
  return { ...rig, good }
}

async function statuses(rig: Rig, requests: number, options: Parameters<typeof ask>[1]) {
  const seen = []
  for (let i = 0; i < requests; i++) seen.push((await ask(rig, options)).status)
  return seen.filter((status) => status !== 200)
}

describe('a refused connection', () => {
  for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
    it(`never costs a ${method}: the instance saw nothing of it`, async (t) => {
      const rig = await twoInstances(t, await freePort())
      const body = method === 'GET' ? undefined : 'x'.repeat(1000)
      assert.deepEqual(await statuses(rig, 6, { method, ...(body && { body }) }), [])
    })
  }

  it('does not cost a POST that is too long to be kept', async (t) => {
    const rig = await twoInstances(t, await freePort())
    assert.deepEqual(await statuses(rig, 2, { method: 'POST', body: Buffer.alloc(400_000) }), [])
    assert.deepEqual(rig.good, ['POST 400000', 'POST 400000'])
  })

  it('ejects the instance at once and tells who listens', async (t) => {
    const bad = await freePort()
    const rig = await twoInstances(t, bad)
    const suspects: Suspect[] = []
    rig.edge.onSuspect((suspect) => suspects.push(suspect))
    await statuses(rig, 10, {})
    assert.equal(suspects.length, 1)
    assert.equal(suspects[0]?.instance, `one-${bad}`)
    assert.match(suspects[0]?.reason ?? '', /ECONNREFUSED/)
    assert.match(await rig.edge.metrics(), /attempt_errors_total\{[^}]*\} 1/)
    assert.match(await rig.edge.metrics(), /requests_total\{[^}]*outcome="2xx"\} 10/)
  })

  it('goes to another revision with weight when its own has nobody else', async (t) => {
    const rig = await startRig(t)
    const { port } = await startBackend(t, named('old'))
    rig.edge.update(rig.workload, [endpoint('new', await freePort()), endpoint('old', port)])
    await rig.edge.setSplit(rig.workload, split({ new: 50, old: 50 }))
    assert.deepEqual(await statuses(rig, 6, {}), [])
  })

  it('is tried again on the last instance there is, ejected or not', async (t) => {
    const rig = await startRig(t)
    const port = await freePort()
    rig.edge.update(rig.workload, [endpoint('one', port)])
    await rig.edge.setSplit(rig.workload, split({ one: 100 }))
    const refused = await ask(rig)
    assert.equal(refused.status, 502)
    assert.equal(refused.headers['x-slipway-error'], 'instance-failed')
    await startBackend(t, named('back'), (server) => {
      server.listen = server.listen.bind(server, port) as typeof server.listen
    })
    await until(async () => (await ask(rig)).status === 200)
  })
})

describe('a connection that breaks before the answer', () => {
  const hangUp = (socket: Socket) => socket.destroy()

  it('is repeated elsewhere when the method may be', async (t) => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      const rig = await twoInstances(t, (await startRude(t, hangUp)).port)
      assert.deepEqual(await statuses(rig, 3, { method }), [], method)
    }
  })

  it('is repeated elsewhere with its body when it has an Idempotency-Key', async (t) => {
    const rig = await twoInstances(t, (await startRude(t, hangUp)).port)
    const headers = { 'idempotency-key': 'k1' }
    const options = { method: 'POST', headers, body: 'x'.repeat(5000) }
    assert.deepEqual(await statuses(rig, 4, options), [])
    assert.deepEqual(rig.good, new Array(4).fill('POST 5000'))
  })

  it('is not repeated for a POST without one', async (t) => {
    const rig = await twoInstances(t, (await startRude(t, hangUp)).port)
    const failed = await statuses(rig, 2, { method: 'POST', body: 'x' })
    assert.deepEqual(failed, [502])
    assert.deepEqual(rig.good, ['POST 1'])
  })

  it('is not repeated when the body is too long to have been kept', async (t) => {
    const rude = await startRude(t, (socket, text) => {
      if (text.length > 10_000) socket.destroy()
    })
    const rig = await twoInstances(t, rude.port)
    const body = Buffer.alloc(4 << 20)
    const options = { method: 'PUT', body }
    const failed = await statuses(rig, 2, options).catch((error: Error) => [error.message])
    assert.equal(failed.length, 1)
  })

  it('ejects the instance after three in a row', async (t) => {
    const rude = await startRude(t, hangUp)
    const rig = await twoInstances(t, rude.port)
    const suspects: Suspect[] = []
    rig.edge.onSuspect((suspect) => suspects.push(suspect))
    await statuses(rig, 20, {})
    assert.equal(suspects.length, 1)
    assert.match(await rig.edge.metrics(), /attempt_errors_total\{[^}]*\} 3/)
  })

  it('is repeated when the head had come but nothing was passed on', async (t) => {
    const rude = await startRude(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', () => socket.destroy())
    })
    const rig = await twoInstances(t, rude.port)
    assert.deepEqual(await statuses(rig, 4, {}), [])
  })
})

it('passes on what an instance answers itself, 503 too, without another try', async (t) => {
  const rig = await startRig(t)
  let asked = 0
  const { port } = await startBackend(t, (_req, res) => {
    asked += 1
    res.writeHead(503)
    res.end('own')
  })
  const other = await startBackend(t, named('other'))
  rig.edge.update(rig.workload, [endpoint('one', port)])
  await rig.edge.setSplit(rig.workload, split({ one: 100 }))
  rig.edge.update(rig.workload, [endpoint('one', port), endpoint('two', other.port)])
  assert.equal((await ask(rig)).body, 'own')
  assert.equal(asked, 1)
})

it('gives up on an instance that does not answer in time, and does not repeat', async (t) => {
  const rig = await startRig(t, { limits: { answerMs: 300 } })
  const { port } = await startBackend(t, () => {})
  rig.edge.update(rig.workload, [endpoint('one', port)])
  await rig.edge.setSplit(rig.workload, split({ one: 100 }))
  const answer = await ask(rig)
  assert.equal(answer.status, 504)
  assert.equal(answer.headers['x-slipway-error'], 'instance-timed-out')
})

it('does not use a kept connection near the end that the instance announced', async (t) => {
  const rig = await startRig(t)
  let connections = 0
  const { port } = await startBackend(t, named('one'), (server) => {
    server.keepAliveTimeout = 1000
    server.on('connection', () => {
      connections += 1
    })
  })
  rig.edge.update(rig.workload, [endpoint('one', port)])
  await rig.edge.setSplit(rig.workload, split({ one: 100 }))
  for (let i = 0; i < 3; i++) await ask(rig, { method: 'POST', body: 'x' })
  // Node announces `timeout=1`, less than the margin: each request had a connection of its own.
  assert.equal(connections, 3)
})
