import type { WorkloadRef } from '../../platform/index.ts'

/** Cookies do not tell ports apart, so the name holds the workload: services share 127.0.0.1. */
export function stickyCookieName({ environment, service }: WorkloadRef): string {
  return `slipway_${`${service}_${environment}`.replaceAll(/[^A-Za-z0-9_-]+/g, '-')}`
}

/** The revision that the client was given before; null: none. */
export function readSticky(header: string | undefined, name: string): string | null {
  if (header === undefined) return null
  for (const part of header.split(';')) {
    const equals = part.indexOf('=')
    if (part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim()
  }
  return null
}

/** A session cookie: it ends with the browser, since a revision does not live long. */
export function stickyCookie(name: string, revision: string): string {
  return `${name}=${revision}; Path=/; HttpOnly; SameSite=Lax`
}
