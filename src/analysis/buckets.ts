/** Number of latency buckets; bucket k holds [10·1.1^k, 10·1.1^(k+1)) ms, the outer ones all beyond. */
export const BUCKETS = 64

const LOWEST = Math.log(10)
export const BUCKET_LOG_WIDTH = Math.log(1.1)

/** The bucket of a latency in milliseconds. */
export function bucketOf(ms: number): number {
  const index = Math.floor((Math.log(ms) - LOWEST) / BUCKET_LOG_WIDTH)
  return Math.min(BUCKETS - 1, Math.max(0, index))
}

export function emptyBuckets(): number[] {
  return new Array<number>(BUCKETS).fill(0)
}

export function addBuckets(to: number[], from: readonly number[]): void {
  for (let k = 0; k < BUCKETS; k++) to[k]! += from[k] ?? 0
}

export function scaleBuckets(buckets: number[], factor: number): void {
  for (let k = 0; k < BUCKETS; k++) buckets[k]! *= factor
}

export function countOf(buckets: readonly number[]): number {
  let sum = 0
  for (let k = 0; k < buckets.length; k++) sum += buckets[k]!
  return sum
}

/** Requests in buckets above `mark`. */
export function countAbove(buckets: readonly number[], mark: number): number {
  let sum = 0
  for (let k = Math.max(0, mark + 1); k < BUCKETS; k++) sum += buckets[k]!
  return sum
}

/** The first bucket at which the cumulative share reaches `share`; the last one when all are empty. */
export function bucketAt(buckets: readonly number[], share: number): number {
  return bucketOfCount(buckets, countOf(buckets) * share)
}

function bucketOfCount(buckets: readonly number[], target: number): number {
  let sum = 0
  for (let k = 0; k < BUCKETS; k++) {
    sum += buckets[k]!
    if (sum > 0 && sum >= target) return k
  }
  return BUCKETS - 1
}

/** A quantile in milliseconds, interpolated inside its bucket on the log scale; null: no requests. */
export function quantileMs(buckets: readonly number[], share: number): number | null {
  const total = countOf(buckets)
  if (total <= 0) return null
  const k = bucketOfCount(buckets, share * total)
  const below = total - countAbove(buckets, k - 1)
  const inside = Math.min(1, Math.max(0, (share * total - below) / buckets[k]!))
  return Math.exp(LOWEST + (k + inside) * BUCKET_LOG_WIDTH)
}
