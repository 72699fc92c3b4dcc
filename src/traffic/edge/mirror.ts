import type { IncomingMessage } from 'node:http'
import type { Dispatcher } from 'undici'
import { Attempt, type Receiver } from './attempt.ts'
import type { Route } from './route.ts'

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

export type Copied = {
  readonly req: IncomingMessage
  readonly options: Dispatcher.DispatchOptions
  readonly nowMs: number
}

/**
 * Sends a copy of a safe request to the mirrored revision and throws its answer away: the client
 * neither waits for it nor learns of it; the mirrored instance's counters do. Only what is at hand is
 * copied: a request whose body flows through is not.
 */
export function sendMirror(route: Route, { req, options, nowMs }: Copied): void {
  if (!SAFE.has(req.method ?? '')) return
  if (options.body != null && !Buffer.isBuffer(options.body)) return
  const endpoint = route.drawMirror(nowMs)
  if (endpoint === null) return
  route.mirrored += 1
  new Attempt(endpoint, new Discard(route), nowMs).start(options)
}

class Discard implements Receiver {
  readonly #route: Route

  constructor(route: Route) {
    this.#route = route
  }

  head(): void {}

  data(): boolean {
    return true
  }

  end(): void {
    this.#route.mirrored -= 1
  }

  failed(): void {
    this.#route.mirrored -= 1
  }

  upgraded(): void {}
}
