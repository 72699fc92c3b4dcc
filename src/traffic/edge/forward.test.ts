import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import {
  ask,
  endpoint,
  named,
  type Rig,
  rawClient,
  readToEnd,
  split,
  startBackend,
  startRig,
  until,
} from './rig.ts'

type Handler = Parameters<typeof startBackend>[1]
type Test = Parameters<typeof startBackend>[0]

async function rigWith(t: Test, handle: Handler): Promise<Rig & { readonly instance: string }> {
  const rig = await startRig(t)
  const { port } = await startBackend(t, handle)
  rig.edge.update(rig.workload, [endpoint('one', port)])
  await rig.edge.setSplit(rig.workload, split({ one: 100 }))
  return { ...rig, instance: `one-${port}` }
}

const echoHead: Handler = (req, res) => {
  req.resume()
  res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers }))
}

describe('the head of a request', () => {
  it('says where the request comes from, and starts a trace', async (t) => {
    const rig = await rigWith(t, echoHead)
    const { body, headers } = await ask(rig, { path: '/a/b?c=%20d' })
    const seen = JSON.parse(body)
    assert.equal(seen.url, '/a/b?c=%20d')
    assert.equal(seen.headers.host, rig.host)
    assert.equal(seen.headers['x-forwarded-for'], '127.0.0.1')
    assert.equal(seen.headers['x-forwarded-proto'], 'http')
    assert.equal(seen.headers['x-forwarded-host'], rig.host)
    assert.match(seen.headers.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    assert.equal(headers['x-slipway-revision'], 'one')
  })

  it('passes on a trace and extends what earlier proxies said', async (t) => {
    const rig = await rigWith(t, echoHead)
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`
    const { body } = await ask(rig, {
      headers: { traceparent, 'x-forwarded-for': '10.1.1.1', 'x-forwarded-proto': 'https' },
    })
    const seen = JSON.parse(body)
    assert.equal(seen.headers.traceparent, traceparent)
    assert.equal(seen.headers['x-forwarded-for'], '10.1.1.1, 127.0.0.1')
    assert.equal(seen.headers['x-forwarded-proto'], 'https')
  })

  it('loses what belongs to the connection, both ways', async (t) => {
    const rig = await rigWith(t, (req, res) => {
      res.setHeader('connection', 'x-inner, close')
      res.setHeader('x-inner', '1')
      res.setHeader('x-outer', '1')
      echoHead(req, res)
    })
    const socket = rawClient(t, rig.edge.port)
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${rig.host}\r\nConnection: close, X-Secret\r\nX-Secret: 1\r\n` +
        `TE: trailers\r\nKeep-Alive: 5\r\nProxy-Authorization: x\r\nX-Kept: 1\r\n\r\n`,
    )
    const text = await readToEnd(socket)
    const [head = '', body = ''] = text.split('\r\n\r\n')
    assert.doesNotMatch(head, /x-inner/i)
    assert.match(head, /x-outer: 1/i)
    assert.match(body, /"x-kept":"1"/)
    for (const name of ['x-secret', '"te"', '"keep-alive":', 'proxy-authorization']) {
      assert.ok(!body.includes(name), name)
    }
  })

  it('takes host and path from an absolute target', async (t) => {
    const rig = await rigWith(t, echoHead)
    const socket = rawClient(t, rig.edge.port)
    socket.write(
      `GET http://${rig.host}/x?y HTTP/1.1\r\nHost: elsewhere\r\nConnection: close\r\n\r\n`,
    )
    assert.match(await readToEnd(socket), /"url":"\/x\?y"/)
  })
})

describe('the head of an answer', () => {
  for (const status of [200, 204, 304, 404, 500]) {
    it(`passes ${status} on as it is, and the connection lives on`, async (t) => {
      const rig = await rigWith(t, (_req, res) => {
        res.writeHead(status, 'Own Words', { 'x-a': ['1', '2'], 'set-cookie': ['a=1', 'b=2'] })
        res.end()
      })
      for (let i = 0; i < 2; i++) {
        const answer = await ask(rig)
        assert.equal(answer.status, status)
        assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2'])
        assert.deepEqual(answer.headers['x-a'], ['1', '2'])
        assert.equal(answer.body, '')
      }
    })
  }

  it('answers HEAD with the length and without the body', async (t) => {
    const rig = await rigWith(t, (_req, res) => {
      res.setHeader('content-length', '5')
      res.end('hello')
    })
    const answer = await ask(rig, { method: 'HEAD' })
    assert.equal(answer.headers['content-length'], '5')
    assert.equal(answer.body, '')
    assert.equal((await ask(rig)).body, 'hello')
  })

  it('is sent before the first byte of a body that is long in coming', async (t) => {
    const rig = await rigWith(t, (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.flushHeaders()
    })
    const { statusCode, body } = await rig.client.request({
      path: '/',
      method: 'GET',
      headers: { host: rig.host },
    })
    assert.equal(statusCode, 200)
    body.on('error', () => {})
    body.destroy()
    await until(() => rig.edge.inFlight(rig.instance) === 0)
  })

  it('passes trailers on', async (t) => {
    const rig = await rigWith(t, (_req, res) => {
      res.writeHead(200, { trailer: 'x-sum' })
      res.write('part')
      res.addTrailers({ 'x-sum': '42' })
      res.end()
    })
    const answer = await rig.client.request({
      path: '/',
      method: 'GET',
      headers: { host: rig.host },
    })
    assert.equal(await answer.body.text(), 'part')
    assert.deepEqual({ ...answer.trailers }, { 'x-sum': '42' })
  })
})

describe('bodies', () => {
  it('carries events as they come', async (t) => {
    let send = (_text: string) => {}
    const rig = await rigWith(t, (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      send = (text) => res.write(text)
      send('data: 1\n\n')
    })
    const { body } = await rig.client.request({
      path: '/',
      method: 'GET',
      headers: { host: rig.host },
    })
    body.on('error', () => {})
    const chunks = body[Symbol.asyncIterator]()
    assert.equal(String((await chunks.next()).value), 'data: 1\n\n')
    send('data: 2\n\n')
    assert.equal(String((await chunks.next()).value), 'data: 2\n\n')
    body.destroy()
  })

  it('carries a chunked upload as it comes', async (t) => {
    const seen: string[] = []
    const rig = await rigWith(t, (req, res) => {
      req.on('data', (chunk) => seen.push(String(chunk)))
      req.on('end', () => res.end(seen.join('')))
    })
    const upload = new Readable({ read() {} })
    const answer = rig.client.request({
      path: '/',
      method: 'POST',
      headers: { host: rig.host },
      body: upload,
    })
    upload.push('one ')
    await until(() => seen.length === 1)
    upload.push('two')
    upload.push(null)
    assert.equal(await (await answer).body.text(), 'one two')
  })

  it('carries 100 MB each way whole', { timeout: 60_000 }, async (t) => {
    const block = randomBytes(1 << 20)
    const blocks = 100
    const rig = await rigWith(t, (req, res) => {
      const hash = createHash('sha256')
      req.on('data', (chunk) => hash.update(chunk))
      req.on('end', () => {
        res.setHeader('x-sha', hash.digest('hex'))
        Readable.from(repeat(block, blocks)).pipe(res)
      })
    })
    const answer = await rig.client.request({
      path: '/',
      method: 'POST',
      headers: { host: rig.host },
      body: Readable.from(repeat(block, blocks)),
    })
    const sent = createHash('sha256')
    for (let i = 0; i < blocks; i++) sent.update(block)
    const expected = sent.digest('hex')
    assert.equal(answer.headers['x-sha'], expected)
    const received = createHash('sha256')
    for await (const chunk of answer.body) {
      received.update(chunk)
    }
    assert.equal(received.digest('hex'), expected)
  })

  it('keeps an instance that answers faster than the client reads waiting', async (t) => {
    let written = 0
    const block = Buffer.alloc(1 << 16)
    const rig = await rigWith(t, (_req, res) => {
      const more = () => {
        while (written < 512 << 20 && !res.destroyed) {
          written += block.length
          if (!res.write(block)) return
        }
      }
      res.on('drain', more)
      more()
    })
    const socket = rawClient(t, rig.edge.port)
    socket.write(`GET / HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`)
    socket.pause()
    await standsStill(() => written)
    assert.ok(written < 64 << 20, `${written >> 20} MB left the instance`)
    socket.destroy()
  })

  it('keeps a client that sends faster than the instance reads waiting', async (t) => {
    const rig = await rigWith(t, (req) => {
      req.pause()
    })
    const socket = rawClient(t, rig.edge.port)
    socket.write(`POST / HTTP/1.1\r\nHost: ${rig.host}\r\nContent-Length: ${512 << 20}\r\n\r\n`)
    let written = 0
    const block = Buffer.alloc(1 << 16)
    const more = () => {
      do written += block.length
      while (written < 256 << 20 && socket.write(block))
    }
    socket.on('drain', more)
    more()
    await standsStill(() => written)
    assert.ok(written < 64 << 20, `${written >> 20} MB left the client`)
  })

  it('tells the client to go on with a body that it announced', async (t) => {
    const rig = await rigWith(t, (req, res) => req.pipe(res))
    const req = httpRequest({
      port: rig.edge.port,
      method: 'POST',
      headers: { host: rig.host, expect: '100-continue', 'content-length': '3' },
    })
    req.flushHeaders()
    await once(req, 'continue')
    req.end('abc')
    const [res] = await once(req, 'response')
    assert.equal(String((await res.toArray()).join('')), 'abc')
  })

  it('gives the client an early answer to an upload that nobody reads', async (t) => {
    const rig = await rigWith(t, (_req, res) => {
      res.writeHead(413, { connection: 'close' })
      res.end('too large')
    })
    const req = httpRequest({ port: rig.edge.port, method: 'POST', headers: { host: rig.host } })
    req.on('error', () => {})
    req.write('first')
    const [res] = await once(req, 'response')
    assert.equal(res.statusCode, 413)
    assert.equal(String((await res.toArray()).join('')), 'too large')
    req.destroy()
  })
})

describe('when one side breaks off', () => {
  it('ends the request at the instance when the client leaves', async (t) => {
    let isClosed = false
    const rig = await rigWith(t, (_req, res) => {
      res.on('close', () => {
        isClosed = true
      })
    })
    const socket = rawClient(t, rig.edge.port)
    socket.write(`GET / HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`)
    await until(() => rig.edge.inFlight(rig.instance) === 1)
    socket.destroy()
    await until(() => isClosed && rig.edge.inFlight(rig.instance) === 0)
    assert.match(await rig.edge.metrics(), /attempt_errors_total\{[^}]*\} 0/)
    assert.match(await rig.edge.metrics(), /requests_total\{[^}]*outcome="client-left"\} 1/)
  })

  it('ends the upload at the instance when the client leaves in the midst of it', async (t) => {
    let isClosed = false
    const rig = await rigWith(t, (req) => {
      req.on('error', () => {})
      req.on('close', () => {
        isClosed = !req.complete
      })
      req.resume()
    })
    const socket = rawClient(t, rig.edge.port)
    socket.write(
      `POST / HTTP/1.1\r\nHost: ${rig.host}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
    )
    await until(() => rig.edge.inFlight(rig.instance) === 1)
    socket.destroy()
    await until(() => isClosed && rig.edge.inFlight(rig.instance) === 0)
  })

  it('breaks the client off when the instance breaks off in the midst of an answer', async (t) => {
    const rig = await rigWith(t, (_req, res) => {
      res.writeHead(200, { 'content-length': '10' })
      res.write('half', () => res.destroy())
    })
    await assert.rejects(ask(rig))
    assert.match(await rig.edge.metrics(), /attempt_errors_total\{[^}]*\} 1/)
    assert.match(await rig.edge.metrics(), /requests_total\{[^}]*outcome="no-answer"\} 1/)
  })
})

it('answers on a port of its own for each workload, the same after a restart', async (t) => {
  let saved: Readonly<Record<string, number>> = {}
  const directPorts = {
    load: () => saved,
    save: (ports: Readonly<Record<string, number>>) => {
      saved = ports
    },
  }
  const { port } = await startBackend(t, named('one'))
  const first = await startRig(t, { directPorts })
  const address = await first.edge.directAddress(first.workload)
  assert.equal(address, await first.edge.directAddress(first.workload))
  first.edge.update(first.workload, [endpoint('one', port)])
  await first.edge.setSplit(first.workload, split({ one: 100 }))
  assert.equal(await (await fetch(address)).text(), 'one')
  await first.edge.close({ drainSeconds: 0 })
  const second = await startRig(t, { directPorts })
  assert.equal(await second.edge.directAddress(second.workload), address)
  assert.deepEqual(Object.keys(saved), ['production/orders'])
})

function* repeat(block: Buffer, times: number) {
  for (let i = 0; i < times; i++) yield block
}

/** Waits until a number no longer grows. */
async function standsStill(read: () => number): Promise<void> {
  let last = -1
  await until(async () => {
    const isStill = read() === last
    last = read()
    await new Promise((resolve) => setTimeout(resolve, 300))
    return isStill
  })
}
