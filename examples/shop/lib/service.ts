/**
 * What the three services share: how one starts, says that it is alive and ready, names its version
 * and stops without losing a request. Built on Node alone, so that each service bundles its own copy.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

export type ServiceOptions = {
  readonly name: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly listener: RequestListener
  /** Rejects or answers false while requests should go elsewhere; asked on each `/readyz`. */
  readonly isReady: () => Promise<boolean>
}

export type RunningService = {
  readonly url: string
  /** Turns `/readyz` to 503, answers what is in flight, closes every connection. Safe to call twice. */
  readonly close: () => Promise<void>
}

/** How long requests that are already on their way still find the port open. */
const LINGER_MS = 200
/** Longer than any proxy before it keeps an idle connection: it is never this side that closes first. */
const KEEP_ALIVE_MS = 75_000

/** Listens on `PORT` (absent or 0: any free one) of 127.0.0.1. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { name, env, listener } = options
  const version = env.SLIPWAY_VERSION ?? 'development'
  const logsAccess = env.ACCESS_LOG === '1'
  let stopping = false

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    response.setHeader('x-shop-version', version)
    if (stopping) response.setHeader('connection', 'close')
    if (logsAccess) logWhenDone(name, request, response)
    switch (request.url) {
      case '/healthz':
        return answer(response, 200, { status: 'alive' })
      case '/version':
        return answer(response, 200, { service: name, version })
      case '/readyz':
        return void answerReadiness(response)
      default:
        return listener(request, response)
    }
  })

  async function answerReadiness(response: ServerResponse): Promise<void> {
    if (stopping) return answer(response, 503, { status: 'stopping' })
    try {
      const ready = await options.isReady()
      answer(response, ready ? 200 : 503, { status: ready ? 'ready' : 'starting' })
    } catch (error) {
      answer(response, 503, { status: 'unready', reason: String(error) })
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(Number(env.PORT ?? 0), '127.0.0.1', resolve)
  })

  let closed: Promise<void> | null = null
  async function close(): Promise<void> {
    stopping = true
    await new Promise((resolve) => setTimeout(resolve, LINGER_MS))
    await new Promise<void>((resolve, reject) => {
      // A connection that is busy now becomes idle later, and would keep the server open.
      const sweep = setInterval(() => server.closeIdleConnections(), 50)
      server.close((error) => {
        clearInterval(sweep)
        if (error) reject(error)
        else resolve()
      })
    })
  }

  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

/** On SIGTERM or SIGINT runs `stop` once, then exits: 0, or 1 when it failed. */
export function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false
  const once = () => {
    if (stopping) return
    stopping = true
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logError('stop', error)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', once)
  process.on('SIGINT', once)
}

/** One line of JSON on stderr. */
export function logError(where: string, error: unknown): void {
  const cause = error instanceof Error ? error.cause : undefined
  console.error(
    JSON.stringify({
      level: 'error',
      where,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      cause: cause === undefined ? undefined : String(cause),
    }),
  )
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

function logWhenDone(name: string, request: IncomingMessage, response: ServerResponse): void {
  const begun = performance.now()
  const { method, url } = request
  response.on('finish', () => {
    const ms = Math.round((performance.now() - begun) * 10) / 10
    console.log(JSON.stringify({ service: name, method, url, status: response.statusCode, ms }))
  })
}
