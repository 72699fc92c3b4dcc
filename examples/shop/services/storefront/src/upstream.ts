import { Pool } from 'undici'

/** What one service tells the next about a request. */
const PASSED_ON = ['traceparent', 'tracestate', 'x-canary'] as const

export type Headers = Readonly<Record<string, string>>

export type Answer = { readonly status: number; readonly body: unknown }

/** A service that this one asks, over connections that are kept. */
export interface Upstream {
  /** @throws UpstreamError when it cannot be reached, takes too long, or fails (5xx) */
  get(path: string, headers: Headers): Promise<Answer>
  post(path: string, headers: Headers, body: unknown): Promise<Answer>
  close(): Promise<void>
}

export class UpstreamError extends Error {
  readonly service: string

  constructor(service: string, what: string, cause?: unknown) {
    super(`${service} ${what}`, { cause })
    this.name = 'UpstreamError'
    this.service = service
  }
}

/** Nobody waits longer than this for a page. */
const TIMEOUT_MS = 5000

export function connectTo(service: string, address: string): Upstream {
  const pool = new Pool(new URL(address).origin, {
    connections: 32,
    connectTimeout: 1000,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  })

  async function ask(method: 'GET' | 'POST', path: string, headers: Headers, body: string | null) {
    const answer = await pool.request({ method, path, headers, body }).catch((cause: unknown) => {
      throw new UpstreamError(service, 'did not answer', cause)
    })
    const text = await answer.body.text().catch((cause: unknown) => {
      throw new UpstreamError(service, 'broke off its answer', cause)
    })
    const status = answer.statusCode
    if (status >= 500) throw new UpstreamError(service, `answered ${status} to ${method} ${path}`)
    return { status, body: text === '' ? null : (JSON.parse(text) as unknown) }
  }

  return {
    get: (path, headers) => ask('GET', path, headers, null),
    post: (path, headers, body) =>
      ask('POST', path, { ...headers, 'content-type': 'application/json' }, JSON.stringify(body)),
    close: () => pool.close(),
  }
}

/** The headers of a request that belong to what it causes too. */
export function passedOn(header: (name: string) => string | undefined): Headers {
  const headers: Record<string, string> = {}
  for (const name of PASSED_ON) {
    const value = header(name)
    if (value !== undefined) headers[name] = value
  }
  return headers
}
