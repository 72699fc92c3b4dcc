import { bucketOf, emptyBuckets } from '../buckets.ts'
import type { JudgeSettings } from '../judge-settings.ts'
import type { Replica, Tick } from '../metrics.ts'

/** Settings of the public scenarios. */
export const SETTINGS: JudgeSettings = {
  alpha: 0.01,
  beta: 0.05,
  warm: 30,
  minDwell: 0,
  next: [
    { weight: 0.25, margin: 0.02, latencyRatio: 2 },
    { weight: 1, margin: 0.005, latencyRatio: 1.5 },
  ],
}

/** One instance whose requests all took `ms`; absent: latency is not measured. */
export function replica(requests: number, errors = 0, ms?: number): Replica {
  if (ms === undefined) return { requests, errors, ageSeconds: 100 }
  const latency = emptyBuckets()
  latency[bucketOf(ms)] = requests
  return { requests, errors, latency, ageSeconds: 100 }
}

/** A tick of one second. */
export function tick(fields: Partial<Tick> & { readonly t: number }): Tick {
  return { seconds: 1, weight: 0.1, canary: [], baseline: [], ...fields }
}

/** As many equal ticks as there are seconds from `from` to before `to`. */
export function ticks(from: number, to: number, fields: Omit<Partial<Tick>, 't'>): Tick[] {
  return Array.from({ length: to - from }, (_, i) => tick({ ...fields, t: from + i }))
}
