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
  /** Worse only by more than this. Absent: any worsening counts. */
  readonly tolerance?: Tolerance
  /** Correlation of requests measured in the service's earlier rollouts; used when the baseline has one instance. Absent: 1. */
  readonly phi?: Phi
  /** Independent failures that one tick may count for: 2 by default, 1 covers any dependence inside a tick. */
  readonly kappa?: 1 | 2
  /** How the accepted alpha is spent on the metrics; sums to 1. Absent: equally. */
  readonly shares?: { readonly errors: number; readonly latency: number }
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

/** How much worse a canary may be before it counts as worse. */
export type Tolerance = {
  /** So many times the baseline's error rate, ≥ 1. */
  readonly errorRatio?: number
  /** So much above the baseline's error rate, 0..1. */
  readonly errorExcess?: number
  /** So many times the baseline's latency, ≥ 1. */
  readonly latencyRatio?: number
}

/** Size of the groups in which requests fail or are slow together, by metric; 1: independent. */
export type Phi = { readonly errors: number; readonly latency: number }
