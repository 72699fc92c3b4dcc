import type { Endpoint } from './endpoint.ts'
import { Tally } from './tally.ts'

/** The instances of one revision, and its share. */
export class Group {
  readonly revision: string
  /** Percent; 0: gets no request by weight. */
  weight = 0
  ready: readonly Endpoint[] = []
  /** What instances counted that the ticks have taken in; outlives each of them. */
  readonly total = new Tally()
  /** Monotonic milliseconds since which neither split nor instance names it; null: one does. */
  unusedSinceMs: number | null = null
  #turn = 0

  constructor(revision: string) {
    this.revision = revision
  }

  /** Whether an instance could take a request; an ejected one only if `ejectedToo`. */
  canTake(nowMs: number, tried: readonly Endpoint[], ejectedToo: boolean): boolean {
    for (const endpoint of this.ready) {
      if (isFit(endpoint, nowMs, tried, ejectedToo)) return true
    }
    return false
  }

  /** The fit instance with the least under way; among equals by turns. Null: none is fit. */
  leastBusy(nowMs: number, tried: readonly Endpoint[], ejectedToo: boolean): Endpoint | null {
    const { ready } = this
    const count = ready.length
    let best: Endpoint | null = null
    this.#turn = (this.#turn + 1) % (count || 1)
    for (let i = 0; i < count; i++) {
      const endpoint = ready[(this.#turn + i) % count]!
      if (best !== null && endpoint.inFlight >= best.inFlight) continue
      if (isFit(endpoint, nowMs, tried, ejectedToo)) best = endpoint
    }
    return best
  }
}

function isFit(
  endpoint: Endpoint,
  nowMs: number,
  tried: readonly Endpoint[],
  ejectedToo: boolean,
): boolean {
  if (!ejectedToo && endpoint.isEjected(nowMs)) return false
  return tried.length === 0 || !tried.includes(endpoint)
}
