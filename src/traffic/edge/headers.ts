import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { newTraceparent } from './trace.ts'

/**
 * The head that an instance gets: what the client sent without what belongs to its connection
 * (RFC 9110, 7.6.1), with X-Forwarded-* and traceparent.
 * @returns names and values by turns; null: the head is ambiguous (two Host lines) and must be refused
 */
export function requestHeaders(req: IncomingMessage): string[] | null {
  const raw = req.rawHeaders
  const out: string[] = []
  const listed = listedInConnection(req.headers.connection)
  let forwardedFor = req.socket.remoteAddress ?? 'unknown'
  let host: string | null = null
  let proto = 'http'
  let forwardedHost: string | null = null
  let hasTrace = false
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!
    const value = raw[i + 1]!
    const key = name.toLowerCase()
    switch (key) {
      case 'host':
        if (host !== null) return null
        host = value
        break
      case 'x-forwarded-for':
        forwardedFor = `${value}, ${forwardedFor}`
        continue
      case 'x-forwarded-proto':
        proto = value
        continue
      case 'x-forwarded-host':
        forwardedHost = value
        continue
      case 'traceparent':
        hasTrace = true
        break
      case 'expect':
      case 'trailer':
        continue
      default:
        if (isHopByHop(key) || listed?.includes(key)) continue
    }
    out.push(name, value)
  }
  out.push('x-forwarded-for', forwardedFor, 'x-forwarded-proto', proto)
  if (forwardedHost ?? host) out.push('x-forwarded-host', forwardedHost ?? host ?? '')
  if (!hasTrace) out.push('traceparent', newTraceparent())
  return out
}

/** The head that the client gets: names and values by turns, in the form that `writeHead` takes. */
export function answerHeaders(headers: IncomingHttpHeaders): string[] {
  const out: string[] = []
  const listed = listedInConnection(headers.connection)
  for (const name in headers) {
    if (isHopByHop(name) || listed?.includes(name)) continue
    const value = headers[name]
    if (typeof value === 'string') out.push(name, value)
    else if (value !== undefined) for (const one of value) out.push(name, one)
  }
  return out
}

/** `trailer` is not among them: trailers are passed on with a chunked answer. */
function isHopByHop(name: string): boolean {
  switch (name.length) {
    case 2:
      return name === 'te'
    case 7:
      return name === 'upgrade'
    case 10:
      return name === 'connection' || name === 'keep-alive'
    case 14:
      return name === 'http2-settings'
    case 16:
      return name === 'proxy-connection'
    case 17:
      return name === 'transfer-encoding'
    case 18:
      return name === 'proxy-authenticate'
    case 19:
      return name === 'proxy-authorization'
    default:
      return false
  }
}

/** Names that the Connection line declares to be of this connection only; null: none but the usual words. */
function listedInConnection(connection: string | string[] | undefined): readonly string[] | null {
  if (connection === undefined) return null
  const text = String(connection)
  if (text === 'keep-alive' || text === 'close' || text === 'Upgrade') return null
  // Lengths and the address decide where a message ends and goes: no client may have them dropped.
  const kept = ['content-length', 'host', 'close', 'keep-alive', 'upgrade']
  return text
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => !kept.includes(word))
}
