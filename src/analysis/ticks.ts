import type { Tick, TrafficTick } from './metrics.ts'

export type Arms = {
  /** Revision that is judged. */
  readonly canary: string
  /** Revision that it is compared with; null: there is none (a first deployment). */
  readonly baseline: string | null
  /** The canary's share in the split that was observed in force during these ticks, 0..1. */
  readonly weight: number
}

/** A workload's traffic as the judge takes it: of all revisions only the two that are compared. */
export function toTicks(traffic: readonly TrafficTick[], arms: Arms): readonly Tick[] {
  return traffic.map(({ t, seconds, revisions }) => ({
    t,
    seconds,
    weight: arms.weight,
    canary: revisions[arms.canary] ?? [],
    baseline: arms.baseline === null ? [] : (revisions[arms.baseline] ?? []),
  }))
}
