import {
  addBuckets,
  countAbove,
  countOf,
  emptyBuckets,
  quantileMs,
} from '../../src/analysis/buckets.ts'
import type { Replica, Tick } from '../../src/analysis/index.ts'

export type ArmName = 'canary' | 'baseline'
export type Window = {
  readonly requests: number
  readonly errors: number
  readonly latency: readonly number[]
}

/** What a monitoring system keeps of a run: running totals of both arms, from second 0 of the canary. */
export class Recording {
  readonly weight: number
  #totals: Record<ArmName, Window[]> = { canary: [NOTHING], baseline: [NOTHING] }

  constructor(weight: number) {
    this.weight = weight
  }

  /** Seconds since the canary started. */
  get elapsed(): number {
    return this.#totals.canary.length - 1
  }

  add(tick: Tick): void {
    for (const arm of ['canary', 'baseline'] as const) {
      this.#totals[arm].push(plus(this.#totals[arm].at(-1)!, tick[arm]))
    }
  }

  /** The last `seconds`, or those before `end`. */
  window(arm: ArmName, seconds: number, end: number = this.elapsed): Window {
    const to = this.#totals[arm][end]!
    const from = this.#totals[arm][Math.max(0, end - seconds)]!
    return {
      requests: to.requests - from.requests,
      errors: to.errors - from.errors,
      latency: to.latency.map((count, k) => count - from.latency[k]!),
    }
  }

  /** One value for each of the last `minutes`; minutes without a request are left out. */
  perMinute(arm: ArmName, minutes: number, value: (window: Window) => number): number[] {
    const ends = Array.from({ length: minutes }, (_, i) => this.elapsed - 60 * (minutes - 1 - i))
    return ends
      .map((end) => this.window(arm, 60, end))
      .filter(({ requests }) => requests > 0)
      .map(value)
  }
}

export function errorRate({ requests, errors }: Window): number {
  return errors / requests
}

export function quantile(window: Window, share: number): number | null {
  return quantileMs(window.latency, share)
}

export function p95(window: Window): number {
  return quantile(window, 0.95) ?? 0
}

/** Share of requests at or below each bucket. */
export function cumulative({ latency }: Window): number[] {
  const total = countOf(latency)
  return latency.map((_, k) => 1 - countAbove(latency, k) / total)
}

const NOTHING: Window = { requests: 0, errors: 0, latency: emptyBuckets() }

function plus(total: Window, replicas: readonly Replica[]): Window {
  const latency = [...total.latency]
  let { requests, errors } = total
  for (const replica of replicas) {
    requests += replica.requests
    errors += replica.errors
    if (replica.latency !== undefined) addBuckets(latency, replica.latency)
  }
  return { requests, errors, latency }
}
