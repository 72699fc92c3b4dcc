import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { TrafficError } from '../index.ts'
import type { EdgeLimits } from './limits.ts'

export type Handle = (req: IncomingMessage, res: ServerResponse, upgrade: string | null) => void

/** An HTTP/1.1 server with the edge's limits. Node's parser refuses ambiguous framing by itself. */
export function createListener(limits: EdgeLimits, handle: Handle): Server {
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headerMs,
    // A long upload is no fault; one that stands still is ended by the idle limit.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(limits.headerMs / 2, 5_000),
    noDelay: true,
    shouldUpgradeCallback: (req) => upgradeOf(req) !== null,
  })
  server.timeout = limits.idleMs
  server.maxConnections = limits.connections
  server.on('request', (req, res) => handle(req, res, null))
  server.on('upgrade', (req, socket, head) => {
    if (!(socket instanceof Socket))
      throw new TypeError('an upgrade came on something but a socket')
    socket.unshift(head)
    handle(req, responseOn(req, socket), upgradeOf(req))
  })
  return server
}

/** @throws TrafficError `port-in-use`, `listen-failed` */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException) => reject(listenError(cause, host, port))
    server.once('error', failed)
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', failed)
      resolve()
    })
  })
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : port
}

/**
 * The protocol that a request wants to change to. Requests with a body and `h2c` are ordinary ones:
 * some clients offer HTTP/2 with their first POST and go on with HTTP/1.1 when nobody takes it up.
 */
function upgradeOf(req: IncomingMessage): string | null {
  const protocol = req.headers.upgrade
  if (protocol === undefined || req.method !== 'GET' || protocol.toLowerCase() === 'h2c')
    return null
  return protocol
}

/** Node gives no response with an upgrade, but the instance may refuse it with an ordinary answer. */
function responseOn(req: IncomingMessage, socket: Socket): ServerResponse {
  const res = new ServerResponse(req)
  res.shouldKeepAlive = false
  res.assignSocket(socket)
  socket.on('error', () => socket.destroy())
  res.on('finish', () => socket.destroySoon())
  return res
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): TrafficError {
  const isTaken = cause.code === 'EADDRINUSE'
  return new TrafficError({
    code: isTaken ? 'port-in-use' : 'listen-failed',
    fault: 'outside',
    cause,
    message: isTaken
      ? `the edge cannot listen on ${host}:${port}: another program does; stop it or choose another port`
      : `the edge cannot listen on ${host}:${port}: ${cause.message}`,
  })
}
