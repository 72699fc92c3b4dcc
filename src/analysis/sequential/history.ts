import {
  addBuckets,
  bucketAt,
  countAbove,
  countOf,
  emptyBuckets,
  scaleBuckets,
} from '../buckets.ts'
import type { BlockCounts } from './block.ts'

/** What is usual: counts that lose half their weight in 300 s; `recent` in 30 s. */
export type History = {
  /** Of the baseline before the canary started: how much traffic there is. */
  rate: { requests: number; seconds: number }
  errors: BlockCounts
  latency: { canary: number[]; baseline: number[]; recent: number[] }
}

const HALF_LIFE_SECONDS = 300
const RECENT_HALF_LIFE_SECONDS = 30
/** Fewer recent requests say too little of a 95th percentile. */
const ENOUGH_RECENT = 200

export function createHistory(): History {
  return {
    rate: { requests: 0, seconds: 0 },
    errors: { canaryRequests: 0, canaryErrors: 0, baselineRequests: 0, baselineErrors: 0 },
    latency: { canary: emptyBuckets(), baseline: emptyBuckets(), recent: emptyBuckets() },
  }
}

export function retained(seconds: number, halfLife: number = HALF_LIFE_SECONDS): number {
  return 2 ** (-seconds / halfLife)
}

export function rememberRate(history: History, requests: number, seconds: number): void {
  const kept = retained(seconds)
  history.rate.requests = history.rate.requests * kept + requests
  history.rate.seconds = history.rate.seconds * kept + seconds
}

export function rememberErrors(usual: BlockCounts, block: BlockCounts, seconds: number): void {
  const kept = retained(seconds)
  usual.canaryRequests = usual.canaryRequests * kept + block.canaryRequests
  usual.canaryErrors = usual.canaryErrors * kept + block.canaryErrors
  usual.baselineRequests = usual.baselineRequests * kept + block.baselineRequests
  usual.baselineErrors = usual.baselineErrors * kept + block.baselineErrors
}

export function rememberLatency(
  history: History,
  block: { readonly canary: readonly number[]; readonly baseline: readonly number[] },
  seconds: number,
): void {
  const kept = retained(seconds)
  for (const arm of ['canary', 'baseline'] as const) {
    scaleBuckets(history.latency[arm], kept)
    addBuckets(history.latency[arm], block[arm])
  }
  scaleBuckets(history.latency.recent, retained(seconds, RECENT_HALF_LIFE_SECONDS))
  addBuckets(history.latency.recent, block.baseline)
}

/**
 * The baseline's latencies from which slow is told when the canary is to be shown to be within its
 * margin. Any mark fixed before a block keeps the promise; one that a busy quarter of an hour ago has
 * pushed up leaves hardly a request above it, and evidence that never comes.
 */
export function recentLatency({ latency }: History): readonly number[] {
  return countOf(latency.recent) >= ENOUGH_RECENT ? latency.recent : latency.baseline
}

/** Requests per second before the canary started; null: no history. */
export function usualRps(history: History): number | null {
  return history.rate.seconds > 0 ? history.rate.requests / history.rate.seconds : null
}

/** The baseline's usual error rate, 0..1; 0 when it had no request yet. */
export function usualErrorRate(history: History): number {
  return rateOf(history.errors.baselineErrors, history.errors.baselineRequests)
}

/** Least difference of error rates that is worth a rollback. */
const REAL_EXCESS = 0.0005

export function isErrorEffectReal({ errors }: History): boolean {
  const canary = rateOf(errors.canaryErrors, errors.canaryRequests)
  return canary - rateOf(errors.baselineErrors, errors.baselineRequests) >= REAL_EXCESS
}

/** Least ratio of the shares of slow requests that is worth a rollback. */
const REAL_RATIO = 1.1

export function isLatencyEffectReal({ latency }: History): boolean {
  return [0.5, 0.95, 0.99].some((share) => {
    const mark = bucketAt(latency.baseline, share)
    return shareAbove(latency.canary, mark) >= REAL_RATIO * shareAbove(latency.baseline, mark)
  })
}

function shareAbove(buckets: readonly number[], mark: number): number {
  return (countAbove(buckets, mark) + 0.5) / (countOf(buckets) + 1)
}

function rateOf(errors: number, requests: number): number {
  return requests > 0 ? errors / requests : 0
}
