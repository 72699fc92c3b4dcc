/** Number of latency buckets, as the judge takes them. */
export const BUCKETS = 64
const LN_10 = Math.log(10)
const LN_STEP = Math.log(1.1)

/** `clamp(floor((ln ms − ln 10)/ln 1.1), 0, 63)`: the formula of analysis/metrics.ts. */
export function latencyBucket(ms: number): number {
  const bucket = Math.floor((Math.log(ms) - LN_10) / LN_STEP)
  return bucket > 0 ? Math.min(bucket, BUCKETS - 1) : 0
}

/** Upper bound of a bucket in milliseconds; the last one has none. */
export function bucketUpperMs(bucket: number): number {
  return bucket === BUCKETS - 1 ? Number.POSITIVE_INFINITY : 10 * 1.1 ** (bucket + 1)
}

/** How an attempt or a request ended: class 1 to 5 by status, or without an answer. */
export const NO_ANSWER = 0
/** The client left before the answer was complete. */
export const CLIENT_LEFT = 6

/** What was counted over some time. Plain numbers, so that counting costs nothing on the hot path. */
export class Tally {
  requests = 0
  errors = 0
  sumMs = 0
  /** Indexed by NO_ANSWER, status class, CLIENT_LEFT. */
  readonly outcomes = [0, 0, 0, 0, 0, 0, 0]
  readonly latency = new Uint32Array(BUCKETS)

  /** @param ms until the head of the answer; null: there was none, so it has no latency */
  count(outcome: number, ms: number | null, isError: boolean): void {
    this.requests += 1
    if (isError) this.errors += 1
    this.outcomes[outcome]! += 1
    if (ms === null) return
    this.sumMs += ms
    this.latency[latencyBucket(ms)]! += 1
  }

  add(other: Tally): void {
    this.requests += other.requests
    this.errors += other.errors
    this.sumMs += other.sumMs
    for (let i = 0; i < this.outcomes.length; i++) this.outcomes[i]! += other.outcomes[i]!
    for (let i = 0; i < BUCKETS; i++) this.latency[i]! += other.latency[i]!
  }
}

/** A status as an index of `outcomes`. */
export function statusClass(status: number): number {
  return (status / 100) | 0
}
