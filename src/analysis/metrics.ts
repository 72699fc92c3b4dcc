/** What one instance answered in one tick. */
export type Replica = {
  readonly requests: number
  readonly errors: number
  /**
   * Requests per latency bucket, 64 counts: bucket = clamp(floor((ln ms − ln 10)/ln 1.1), 0, 63).
   * Absent: latency was not measured.
   */
  readonly latency?: readonly number[]
  /** Seconds since the instance was started. */
  readonly ageSeconds: number
}

/** One second of a workload's traffic, by revision and instance. `t` in whole seconds, strictly growing. */
export type TrafficTick = {
  readonly t: number
  readonly seconds: number
  readonly revisions: Readonly<Record<string, readonly Replica[]>>
}

/** One tick as the judge takes it (canary-judge spec, section 1). `weight` is the canary's share, 0..1. */
export type Tick = {
  readonly t: number
  readonly seconds: number
  readonly weight: number
  readonly canary: readonly Replica[]
  readonly baseline: readonly Replica[]
}

/** Where the judge's numbers come from. */
export interface MetricSource {
  /** Ticks with t > after, oldest first; as far back as the source remembers. Empty: nothing new. */
  ticks(
    workload: { readonly environment: string; readonly service: string },
    after: number,
  ): Promise<readonly TrafficTick[]>
}
