import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { Pool } from 'undici'
import type { Endpoint, WorkloadRef } from '../../platform/index.ts'
import type { Split } from '../index.ts'
import { createEdge, type Edge, type EdgeOptions } from './edge.ts'

/** For tests: an edge on real sockets, real instances behind it, and clients that keep connections. */
export type Rig = {
  readonly edge: Edge
  readonly workload: WorkloadRef
  readonly host: string
  readonly client: Pool
}

export const ORDERS: WorkloadRef = { environment: 'production', service: 'orders' }

export async function startRig(t: TestContext, options: EdgeOptions = {}): Promise<Rig> {
  const edge = createEdge(options)
  await edge.listen()
  const client = new Pool(`http://127.0.0.1:${edge.port}`)
  t.after(async () => {
    await client.destroy()
    await edge.close({ drainSeconds: 0 })
  })
  return { edge, workload: ORDERS, host: `orders.production.localhost:${edge.port}`, client }
}

export type Backend = { readonly server: Server; readonly port: number }

/** A real HTTP server; by default it answers its name. */
export async function startBackend(
  t: TestContext,
  handle: RequestListener,
  prepare: (server: Server) => void = () => {},
): Promise<Backend> {
  const server = createServer(handle)
  prepare(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => stopBackend(server))
  return { server, port: portOf(server) }
}

export type HoldingBackend = Backend & { readonly release: () => void }

/** A server that answers its name, but nobody before `release`. */
export async function startHolding(t: TestContext, name: string): Promise<HoldingBackend> {
  const waiting: ServerResponse[] = []
  let isReleased = false
  const backend = await startBackend(t, (_req, res) => {
    if (isReleased) res.end(name)
    else waiting.push(res)
  })
  const release = () => {
    isReleased = true
    for (const res of waiting) res.end(name)
  }
  return { ...backend, release }
}

export function stopBackend(server: Server): void {
  server.close()
  server.closeAllConnections()
}

export function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it does not listen')
  return address.port
}

export function named(name: string): RequestListener {
  return (req, res) => {
    req.resume()
    req.on('end', () => res.end(name))
  }
}

export function endpoint(revision: string, port: number, more: Partial<Endpoint> = {}): Endpoint {
  const instance = `${revision}-${port}`
  return {
    instance,
    revision,
    host: '127.0.0.1',
    port,
    state: 'ready',
    startedAt: 1_700_000_000_000,
    ...more,
  }
}

export function split(weights: Record<string, number>, more: Partial<Split> = {}): Split {
  return { weights, header: null, mirror: null, preview: null, sticky: false, ...more }
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export type Ask = {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** One request to the rig's workload. */
export async function ask({ client, host }: Rig, options: Ask = {}): Promise<Answer> {
  const { path = '/', method = 'GET', headers = {}, body = null } = options
  const answer = await client.request({ path, method, headers: { host, ...headers }, body })
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() }
}

/** A connection on which a test writes bytes itself. */
export function rawClient(t: TestContext, port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port })
  t.after(() => socket.destroy())
  return socket
}

/** All that comes until the other side ends the connection. */
export async function readToEnd(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1')
  for await (const chunk of socket) text += chunk
  return text
}

/** Waits until something is so; the test's own timeout ends a wait that never ends. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5))
}
