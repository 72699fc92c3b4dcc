import type { Replica, TrafficTick } from '../../analysis/index.ts'
import type { Endpoint } from './endpoint.ts'
import type { Tally } from './tally.ts'

const KEPT_SECONDS = 900

type Row = {
  readonly revision: string
  readonly ageSeconds: number
  readonly requests: number
  readonly errors: number
  /** Null: no request, so 64 zeros. */
  readonly latency: Uint32Array | null
}
type Second = { readonly t: number; readonly seconds: number; readonly rows: readonly Row[] }

const NO_LATENCY: readonly number[] = new Array<number>(64).fill(0)

/** The last 900 seconds of a workload. Kept small: a second without requests holds no histogram. */
export class TickRing {
  #seconds: Second[] = []

  get isEmpty(): boolean {
    return this.#seconds.length === 0
  }

  push(t: number, seconds: number, rows: readonly Row[]): void {
    this.#seconds.push({ t, seconds, rows })
    if (this.#seconds.length > KEPT_SECONDS) this.#seconds.shift()
  }

  after(t: number): readonly TrafficTick[] {
    const first = this.#seconds.findLastIndex((second) => second.t <= t) + 1
    return this.#seconds.slice(first).map(toTick)
  }
}

export function rowOf(endpoint: Endpoint, tally: Tally, nowMs: number): Row {
  return {
    revision: endpoint.revision,
    ageSeconds: Math.max(0, (nowMs - endpoint.startedAtMs) / 1000),
    requests: tally.requests,
    errors: tally.errors,
    latency: tally.requests === 0 ? null : tally.latency,
  }
}

function toTick({ t, seconds, rows }: Second): TrafficTick {
  const revisions: Record<string, Replica[]> = {}
  for (const { revision, latency, ...counts } of rows) {
    revisions[revision] ??= []
    revisions[revision].push({ ...counts, latency: latency ? Array.from(latency) : NO_LATENCY })
  }
  return { t, seconds, revisions }
}
