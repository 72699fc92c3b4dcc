import { BUCKET_LOG_WIDTH, BUCKETS, bucketAt, countAbove, countOf } from '../buckets.ts'
import type { BlockCounts } from './block.ts'

/** How much rarer failures are than at the margin, by expert. */
export const ERROR_SAFETY_EXPERTS = [0.02, 0.15, 0.4, 0.6, 0.8, 0.92] as const
/** How much rarer slow requests are than in the baseline shifted by the ratio, by expert. */
export const LATENCY_SAFETY_EXPERTS = [0.05, 0.15, 0.35, 0.6, 0.8] as const

const CAP = 1e30
/** An exponent beyond it would overflow; the cap cuts far below. */
const LARGEST = 600

/** Evidence that the canary is within a margin: one number per expert, in equal parts of 1 at first. */
export type Safety = number[]

export function createSafety(experts: readonly number[]): Safety {
  return experts.map(() => 1 / experts.length)
}

export function safetyOf(safety: Safety): number {
  let total = 0
  for (const part of safety) total += part
  return Math.min(total, CAP)
}

/** Multiplies by a block's guarded log evidence. */
export function strengthen(safety: Safety, evidence: readonly number[]): void {
  for (let i = 0; i < safety.length; i++) {
    safety[i] = Math.min(safety[i]! * Math.exp(Math.min(evidence[i]!, LARGEST)), CAP)
  }
}

/**
 * Log evidence against "the canary fails at least `margin` more often than the baseline".
 * E[exp] ≤ 1 for every baseline rate, varying as it likes: the baseline's terms cancel.
 * Source: for Poisson counts E exp(−aX_c + bX_b) = exp(−n_c(t+M)(1−e^−a) + n_b·t(e^b−1)) with
 * e^b = 1 + (n_c/n_b)(1−e^−a); binomial counts are dominated. Turner, Grünwald, arXiv 2203.09785.
 */
export function errorSafety(block: BlockCounts, margin: number): number[] {
  const ratio = block.canaryRequests / block.baselineRequests
  return ERROR_SAFETY_EXPERTS.map(
    (e) =>
      block.canaryErrors * Math.log(e) +
      block.baselineErrors * Math.log(1 + ratio * (1 - e)) +
      block.canaryRequests * margin * (1 - e),
  )
}

/** Share of the baseline's requests that count as slow. */
const SLOW = 0.05
/** With fewer of the usual requests above the bucket of their p95, a baseline has none to compare with. */
const LEAST_ABOVE = SLOW / 5

/**
 * Log evidence against "the canary's p95 is at least `ratio` times the baseline's".
 *
 * Where the usual p95 is in the lowest bucket it is below the histogram's resolution: no request is
 * then slow enough to compare, and an equal canary could never be shown to be one. There the claim
 * that must be refuted is "the canary's p95 is at least `ratio` times the end of that bucket": with
 * P(slow) ≥ 5 % each factor has expectation ≤ 1, e for slow and `notSlowFactor(e)` for the others.
 * @param usual the baseline's decayed histogram from before the block; not empty
 */
export function latencySafety(
  arms: { readonly canary: readonly number[]; readonly baseline: readonly number[] },
  usual: readonly number[],
  ratio: number,
): number[] {
  const mark = bucketAt(usual, 1 - SLOW)
  if (mark === 0) return slowShareSafety(split(arms.canary, ratioBuckets(ratio)))
  if (countAbove(usual, mark) < LEAST_ABOVE * countOf(usual)) {
    return slowShareSafety(split(arms.canary, mark - 1 + ratioBuckets(ratio)))
  }
  const canary = split(arms.canary, mark + ratioBuckets(ratio))
  const baseline = split(arms.baseline, mark)
  const all = canary.slow + canary.fast + baseline.slow + baseline.fast
  const q = (canary.slow + canary.fast) / all
  const logMix = (g: number) => Math.log(q * g + 1 - q)
  return LATENCY_SAFETY_EXPERTS.map((e) => {
    const notSlow = notSlowFactor(e)
    return (
      canary.slow * Math.log(e) +
      canary.fast * Math.log(notSlow) -
      (canary.slow + baseline.slow) * logMix(e) -
      (canary.fast + baseline.fast) * logMix(notSlow)
    )
  })
}

function slowShareSafety({
  slow,
  fast,
}: {
  readonly slow: number
  readonly fast: number
}): number[] {
  return LATENCY_SAFETY_EXPERTS.map((e) => slow * Math.log(e) + fast * Math.log(notSlowFactor(e)))
}

/** Whole buckets in a ratio of latencies; the small slack keeps an exact power of 1.1 whole. */
function ratioBuckets(ratio: number): number {
  return Math.min(BUCKETS, Math.floor(Math.log(ratio) / BUCKET_LOG_WIDTH + 1e-9))
}

function notSlowFactor(e: number): number {
  return (1 - SLOW * e) / (1 - SLOW)
}

function split(
  buckets: readonly number[],
  mark: number,
): { readonly slow: number; readonly fast: number } {
  const slow = countAbove(buckets, mark)
  return { slow, fast: countOf(buckets) - slow }
}
