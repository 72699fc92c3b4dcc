import type { Verdict } from '../../analysis/index.ts'

/** A verdict whose numbers do not matter. */
export function verdict(word: Verdict['verdict'], toWeight: number | null): Verdict {
  const arm = { requests: 100, errors: 0, errorRate: 0, p50Ms: 1, p95Ms: 2, p99Ms: 3 }
  return {
    t: 0,
    verdict: word,
    kind: word === 'continue' ? 'collecting' : word,
    toWeight,
    reason: word,
    evidence: {
      seconds: 1,
      canary: arm,
      baseline: arm,
      wealth: 1,
      wealthBy: {},
      safety: {},
      excessBelow: null,
    },
  }
}
