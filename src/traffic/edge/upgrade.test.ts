import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { type WebSocket as Connection, WebSocket, WebSocketServer } from 'ws'
import {
  ask,
  endpoint,
  named,
  rawClient,
  readToEnd,
  split,
  startBackend,
  startRig,
  until,
} from './rig.ts'

type Test = Parameters<typeof startRig>[0]

async function start(t: Test, onConnection: (socket: Connection) => void) {
  const rig = await startRig(t)
  const sockets = new WebSocketServer({ noServer: true })
  sockets.on('connection', onConnection)
  const { port } = await startBackend(t, named('plain'), (server) => {
    server.on('upgrade', (req, socket, head) => {
      if (req.url === '/no') {
        socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno')
      } else {
        sockets.handleUpgrade(req, socket, head, (ws) => sockets.emit('connection', ws, req))
      }
    })
  })
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate()
  })
  rig.edge.update(rig.workload, [endpoint('one', port)])
  await rig.edge.setSplit(rig.workload, split({ one: 100 }))
  const open = (path = '/') => {
    const socket = new WebSocket(`ws://127.0.0.1:${rig.edge.port}${path}`, {
      headers: { host: rig.host },
    })
    // What matters is how it ends; an end before the handshake is an error to this client.
    socket.on('error', () => {})
    t.after(() => socket.terminate())
    return socket
  }
  return { rig, open, instance: `one-${port}` }
}

describe('upgraded connections', () => {
  it('carry messages both ways and count as under way until they end', async (t) => {
    const { rig, open, instance } = await start(t, (ws) => {
      ws.on('message', (text) => ws.send(`echo ${text}`))
    })
    const ws = open()
    ws.on('upgrade', (res) => assert.equal(res.headers['x-slipway-revision'], 'one'))
    await once(ws, 'open')
    for (const text of ['a', 'b'.repeat(100_000)]) {
      ws.send(text)
      const [answer] = await once(ws, 'message')
      assert.equal(String(answer), `echo ${text}`)
    }
    assert.equal(rig.edge.inFlight(instance), 1)
    ws.close()
    await once(ws, 'close')
    await until(() => rig.edge.inFlight(instance) === 0)
    assert.match(await rig.edge.metrics(), /attempts_total\{[^}]*outcome="1xx"\} 1/)
  })

  it('outlive the end of new requests to their instance', async (t) => {
    const { rig, open, instance } = await start(t, (ws) => {
      ws.on('message', (text) => ws.send(text))
    })
    const ws = open()
    await once(ws, 'open')
    rig.edge.update(rig.workload, [])
    assert.equal((await ask(rig)).status, 503)
    ws.send('still')
    assert.equal(String((await once(ws, 'message'))[0]), 'still')
    assert.equal(rig.edge.inFlight(instance), 1)
  })

  it('end on the client when the instance ends them', async (t) => {
    const { open } = await start(t, (ws) => ws.terminate())
    const ws = open()
    const [code] = await once(ws, 'close')
    assert.equal(code, 1006)
  })

  it('end at the instance when the client ends them', async (t) => {
    let isClosed = false
    const { open } = await start(t, (ws) => {
      ws.on('close', () => {
        isClosed = true
      })
    })
    const ws = open()
    await once(ws, 'open')
    ws.terminate()
    await until(() => isClosed)
  })

  it('give the client the answer of an instance that refuses', async (t) => {
    const { rig, open, instance } = await start(t, () => {})
    const ws = open('/no')
    const [, res] = await once(ws, 'unexpected-response')
    assert.equal(res.statusCode, 401)
    assert.equal(String((await res.toArray()).join('')), 'no')
    await until(() => rig.edge.inFlight(instance) === 0)
  })

  it('give the client 503 when nobody is ready', async (t) => {
    const { rig, open } = await start(t, () => {})
    rig.edge.update(rig.workload, [])
    const [, res] = await once(open(), 'unexpected-response')
    assert.equal(res.statusCode, 503)
  })

  it('end when the edge has closed', async (t) => {
    const { rig, open } = await start(t, () => {})
    const ws = open()
    await once(ws, 'open')
    await Promise.all([once(ws, 'close'), rig.edge.close({ drainSeconds: 0.05 })])
  })

  it('are not made of an offer of HTTP/2: the request is an ordinary one', async (t) => {
    const { rig } = await start(t, () => {})
    const socket = rawClient(t, rig.edge.port)
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${rig.host}\r\nConnection: Upgrade, HTTP2-Settings, close\r\n` +
        'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n',
    )
    const text = await readToEnd(socket)
    assert.match(text, /^HTTP\/1\.1 200 /)
    assert.match(text, /plain/)
  })
})
