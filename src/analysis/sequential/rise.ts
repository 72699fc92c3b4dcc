import { countAbove } from '../buckets.ts'
import type { Replica } from '../metrics.ts'
import { addTally, createTally, type Tally } from './tally.ts'

/** What both arms did since a metric's wealth was lowest: where an excess, if there is one, began. */
export type Rise = {
  lowest: number
  tally: Tally
  /** The canary's instances by their place in the tick. */
  instances: { requests: number; bad: number }[]
}

export function createRise(): Rise {
  return { lowest: 1, tally: createTally(), instances: [] }
}

/** Adds a tick; `bad` says which of an instance's requests count against it. */
export function rise(
  to: Rise,
  tick: { readonly tally: Tally; readonly canary: readonly Replica[] },
  bad: (replica: Replica) => number,
): void {
  addTally(to.tally, tick.tally)
  for (const [i, replica] of tick.canary.entries()) {
    to.instances[i] ??= { requests: 0, bad: 0 }
    to.instances[i].requests += replica.requests
    to.instances[i].bad += bad(replica)
  }
}

/** Begins anew whenever the wealth is no higher than ever. */
export function restartAtLow(current: Rise, wealth: number): Rise {
  return wealth <= current.lowest ? { ...createRise(), lowest: wealth } : current
}

/** Failed requests of an instance. */
export function failed(replica: Replica): number {
  return replica.errors
}

/** Requests of an instance that were slower than `mark`. */
export function slowerThan(mark: number): (replica: Replica) => number {
  return ({ latency }) => (latency === undefined ? 0 : countAbove(latency, mark))
}
