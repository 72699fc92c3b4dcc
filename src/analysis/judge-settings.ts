/** First line of a tick file, and what a rollout fixes before it starts. */
export type JudgeSettings = {
  /** Accepted chance that a canary no worse than the baseline is ever rolled back. */
  readonly alpha: number
  /** Accepted chance of promoting a canary that exceeds the margin. */
  readonly beta: number
  /** Age in seconds from which a canary instance's latency counts. */
  readonly warm: number
  /** Least seconds at a weight before a promotion. */
  readonly minDwell: number
  /** Seconds at a weight after which the judge says inconclusive. Default 1800. */
  readonly maxSeconds?: number
  /** Absolute objectives; a breach by both versions holds. Absent: none. */
  readonly objectives?: { readonly errorRate?: number; readonly p95Ms?: number }
  /** The weights still to be reached, smallest first, and what must be refuted for each. */
  readonly next: readonly NextStep[]
}

export type NextStep = {
  /** 0..1 */
  readonly weight: number
  /** Tolerated excess in error rate, 0..1. */
  readonly margin: number
  /** Tolerated ratio of the 95th percentiles. */
  readonly latencyRatio: number
}
