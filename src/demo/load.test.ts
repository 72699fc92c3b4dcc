import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Load, startLoad, type Target } from './load.ts'
import { sumBy } from './load-tally.ts'

test('every request is counted once, with what it came to and who answered', async (t) => {
  let asked = 0
  const heard = { orders: 0, pages: 0 }
  const origin = await serve(t, (request, response) => {
    asked += 1
    heard[request.headers.host === 'orders.test' ? 'orders' : 'pages'] += 1
    const isCanary = asked % 5 === 0
    response.setHeader('x-slipway-revision', isCanary ? 'canary' : 'stable')
    response.setHeader('x-shop-version', isCanary ? '2' : '1')
    // Each second answer of the canary is a failure: one in ten of all.
    response.statusCode = asked % 10 === 0 ? 500 : asked % 10 === 1 ? 303 : 200
    response.end('answer')
  })
  const load = start(t, [target(origin, 'orders', 1), target(origin, 'pages', 2)])
  await until(() => load.snapshot().total >= 300)
  const counted = await load.stop()

  assert.equal(counted.total, asked)
  assert.equal(counted.sent, asked)
  assert.equal(counted.inFlight, 0)
  assert.equal(counted.failed, Math.floor(asked / 10))
  const byRevision = sumBy(counted.rows, ({ revision, version }) => `${revision} ${version}`)
  assert.deepEqual(Object.keys(byRevision).sort(), ['canary 2', 'stable 1'])
  assert.equal(byRevision['stable 1']?.failed, 0)
  assert.deepEqual(byRevision['canary 2']?.reasons, { 'status 500': counted.failed })
  const byKind = sumBy(counted.rows, ({ kind }) => kind)
  assert.equal(byKind.orders?.total, heard.orders)
  assert.equal(byKind.pages?.total, heard.pages)
  assert.equal(counted.failures.length, counted.failed)
  for (const failure of counted.failures) {
    assert.equal(failure.revision, 'canary')
    assert.ok(failure.dueAt >= counted.startedAt)
  }
})

test('a stall is charged to everyone who was due while it lasted', async (t) => {
  const gate = Promise.withResolvers<void>()
  let asked = 0
  const origin = await serve(t, async (_request, response) => {
    asked += 1
    if (asked > 40) await gate.promise
    response.end('late')
  })
  // Only two connections: a client that waits for answers would have noticed two late ones.
  const load = start(t, [target(origin, 'pages', 1)], { agentConnections: 2, freshShare: 0 })
  await until(() => load.snapshot().sent >= 150)
  assert.ok(asked <= 42)
  await sleep(100)
  gate.resolve()
  const { rows, total, sent } = await load.stop()
  assert.equal(total, sent)
  const slow = rows[0]?.histogram.slice(bucketOf100Ms()).reduce((sum, times) => sum + times, 0)
  assert.ok((slow ?? 0) >= 100, `${slow} of ${total} were slow`)
})

test('a connection that breaks, a port that is closed and silence are failures of their own', async (t) => {
  const dead = createServer()
  const deadOrigin = await listen(dead)
  await new Promise((done) => dead.close(done))
  const origin = await serve(t, (request, response) => {
    if (request.headers.host === 'reset.test') request.socket.destroy()
    if (request.headers.host === 'cut.test') {
      response.writeHead(200, { 'content-length': 100, 'x-slipway-revision': 'r1' })
      response.write('half', () => request.socket.destroy())
    }
  })
  const load = start(
    t,
    [
      target(origin, 'reset', 1),
      target(origin, 'cut', 1),
      target(origin, 'silent', 1),
      target(deadOrigin, 'refused', 1),
    ],
    { timeoutMs: 300, freshShare: 0.5, agentConnections: 50 },
  )
  await until(() => load.snapshot().total >= 100)
  const { rows, total, failed } = await load.stop()
  assert.equal(failed, total)
  const byKind = sumBy(rows, ({ kind, revision }) => `${kind} ${revision}`)
  assert.deepEqual(Object.keys(byKind['reset null']?.reasons ?? {}), ['reset'])
  assert.deepEqual(Object.keys(byKind['cut r1']?.reasons ?? {}), ['reset'])
  assert.deepEqual(Object.keys(byKind['silent null']?.reasons ?? {}), ['timeout'])
  assert.deepEqual(Object.keys(byKind['refused null']?.reasons ?? {}), ['refused'])
})

test('connections are kept, but for the share that is new each time', async (t) => {
  const ports = new Map<number | undefined, number>()
  const origin = await serve(t, ({ socket }, response) => {
    ports.set(socket.remotePort, (ports.get(socket.remotePort) ?? 0) + 1)
    response.end()
  })
  const load = start(t, [target(origin, 'pages', 1)], { agentConnections: 3, freshShare: 0.1 })
  await until(() => load.snapshot().total >= 300)
  const { total } = await load.stop()
  const kept = [...ports.values()].filter((requests) => requests > 1)
  assert.ok(kept.length <= 3)
  const fresh = ports.size - kept.length
  assert.ok(fresh > 0.03 * total && fresh < 0.25 * total, `${fresh} of ${total} were new`)
})

test('the same seed asks for the same things in the same order', async (t) => {
  const paths: string[][] = []
  for (let run = 0; run < 2; run += 1) {
    const seen: string[] = []
    paths.push(seen)
    const origin = await serve(t, (_request, response) => response.end())
    const recorded = (kind: string): Target => ({
      ...target(origin, kind, 1),
      request: (random) => {
        const path = `/${kind}/${Math.floor(random() * 1000)}`
        seen.push(path)
        return { method: 'GET', path }
      },
    })
    const load = start(t, [recorded('a'), recorded('b')])
    await until(() => seen.length >= 50)
    await load.stop()
  }
  assert.deepEqual(paths[0]?.slice(0, 50), paths[1]?.slice(0, 50))
})

test('an aborted signal ends the sending; what is in flight is still counted', async (t) => {
  const gate = Promise.withResolvers<void>()
  const origin = await serve(t, async (_request, response) => {
    await gate.promise
    response.end()
  })
  const abort = new AbortController()
  const load = start(t, [target(origin, 'pages', 1)], { signal: abort.signal })
  await until(() => load.snapshot().inFlight >= 5)
  abort.abort()
  const { sent } = load.snapshot()
  await sleep(50)
  assert.equal(load.snapshot().sent, sent)
  gate.resolve()
  const counted = await load.stop()
  assert.equal(counted.total, sent)
  assert.equal(counted.failed, 0)
})

function start(
  t: TestContext,
  targets: readonly Target[],
  options: Partial<Parameters<typeof startLoad>[0]> = {},
): Load {
  const load = startLoad({
    targets,
    ratePerSecond: 250,
    agentConnections: 8,
    seed: 7,
    ...options,
  })
  t.after(() => load.stop())
  return load
}

function target(origin: string, kind: string, weight: number): Target {
  const host = `${kind}.test`
  return { kind, weight, origin, host, request: () => ({ method: 'GET', path: '/' }) }
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return listen(server)
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

/** A red test instead of one that never ends. */
const MOST_WAITS = 4000

async function until(holds: () => boolean): Promise<void> {
  for (let waits = 0; !holds(); waits += 1) {
    assert.ok(waits < MOST_WAITS, `it never came to ${holds}`)
    await sleep(5)
  }
}

function bucketOf100Ms(): number {
  return Math.ceil(Math.log(100 / 0.1) / Math.log(1.03))
}
