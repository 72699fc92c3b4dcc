/** What the judge says after a tick. */
export type Verdict = {
  readonly t: number
  readonly verdict: 'promote' | 'continue' | 'rollback'
  /** `promote` and `rollback` are their own kind. */
  readonly kind: 'promote' | 'rollback' | 'collecting' | 'holding' | 'inconclusive' | 'no-evidence'
  /** With `promote`: the weight (0..1) that the evidence suffices for; else null. */
  readonly toWeight: number | null
  /** One sentence for people, always with the counts. */
  readonly reason: string
  readonly evidence: Evidence
}

/** The numbers behind the sentence. Rates 0..1, quantiles in ms, null: not enough data. */
export type Evidence = {
  readonly seconds: number
  readonly canary: Arm
  readonly baseline: Arm
  /** Wealth against "the versions are equal", by metric and altogether; 1/alpha rolls back. */
  readonly wealth: number
  readonly wealthBy: Readonly<Record<string, number>>
  /** Evidence that the canary is within the next step's margin, by metric; 1/beta promotes. */
  readonly safety: Readonly<Record<string, number>>
  /** Smallest excess error rate that is refuted with 95 %; null: none yet. */
  readonly excessBelow: number | null
}

export type Arm = {
  readonly requests: number
  readonly errors: number
  readonly errorRate: number | null
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
}
