/** How one request went. */
export type Outcome = {
  readonly kind: string
  /** `x-slipway-revision` of the answer; null: no answer, or it did not say. */
  readonly revision: string | null
  /** `x-shop-version` of the answer; null as above. */
  readonly version: string | null
  /** From when it should have been sent until its last byte or its failure. */
  readonly latencyMs: number
  /** `status 503`, `reset`, `refused`, `timeout` …; null: it was answered with 2xx or 3xx. */
  readonly failure: string | null
  /** Milliseconds since 1970 at which it should have been sent. */
  readonly dueAt: number
}

/** Quantiles in milliseconds, up to 3 % too high; null: nothing was counted. */
export type Latency = {
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly max: number | null
}

/** Requests of one kind that one revision answered. */
export type Row = {
  readonly kind: string
  readonly revision: string | null
  readonly version: string | null
  readonly total: number
  readonly failed: number
  /** Why, and how often. */
  readonly reasons: Readonly<Record<string, number>>
  readonly latency: Latency
  /** Requests per bucket; bucket i ends at `bucketEndMs(i)`. */
  readonly histogram: readonly number[]
}

export type Failure = Omit<Outcome, 'failure'> & { readonly failure: string }

const FINEST_MS = 0.1
const GROWTH = 1.03
/** Up to 40 s. */
const BUCKETS = 440

/** How many failures are kept one by one; all are counted. */
const MOST_FAILURES = 10_000

type MutableRow = {
  -readonly [Key in Exclude<keyof Row, 'latency'>]: Row[Key]
} & { reasons: Record<string, number>; histogram: number[]; maxMs: number }

/** Counts outcomes by kind, revision and version. */
export class Tally {
  readonly #rows = new Map<string, MutableRow>()
  readonly #failures: Failure[] = []

  count(outcome: Outcome): void {
    const row = this.#rowOf(outcome)
    row.total += 1
    row.maxMs = Math.max(row.maxMs, outcome.latencyMs)
    const bucket = bucketOf(outcome.latencyMs)
    row.histogram[bucket] = (row.histogram[bucket] ?? 0) + 1
    const { failure } = outcome
    if (failure === null) return
    row.failed += 1
    row.reasons[failure] = (row.reasons[failure] ?? 0) + 1
    if (this.#failures.length < MOST_FAILURES) this.#failures.push({ ...outcome, failure })
  }

  /** A copy: it does not change when more is counted. */
  rows(): readonly Row[] {
    return [...this.#rows.values()].map(toRow)
  }

  /** The first ten thousand failures, in the order in which they ended. */
  failures(): readonly Failure[] {
    return [...this.#failures]
  }

  #rowOf({ kind, revision, version }: Outcome): MutableRow {
    const key = `${kind}\n${revision}\n${version}`
    const known = this.#rows.get(key)
    if (known) return known
    const row = { ...emptyRow({ kind, revision, version }), maxMs: 0 }
    this.#rows.set(key, row)
    return row
  }
}

/** Adds up rows that agree in what `keyOf` says of them. */
export function sumBy(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): Readonly<Record<string, Pick<Row, 'total' | 'failed' | 'reasons' | 'latency'>>> {
  const sums = new Map<string, MutableRow>()
  for (const row of rows) {
    const key = keyOf(row)
    const sum = sums.get(key) ?? { ...emptyRow(row), maxMs: 0 }
    sum.total += row.total
    sum.failed += row.failed
    sum.maxMs = Math.max(sum.maxMs, row.latency.max ?? 0)
    for (const [reason, times] of Object.entries(row.reasons)) {
      sum.reasons[reason] = (sum.reasons[reason] ?? 0) + times
    }
    row.histogram.forEach((times, i) => {
      sum.histogram[i] = (sum.histogram[i] ?? 0) + times
    })
    sums.set(key, sum)
  }
  const results = [...sums].map(([key, sum]) => {
    const { total, failed, reasons, latency } = toRow(sum)
    return [key, { total, failed, reasons, latency }] as const
  })
  return Object.fromEntries(results)
}

/** Where a bucket ends; the last one has no end. */
export function bucketEndMs(bucket: number): number {
  return FINEST_MS * GROWTH ** (bucket + 1)
}

function bucketOf(ms: number): number {
  const bucket = Math.floor(Math.log(ms / FINEST_MS) / Math.log(GROWTH))
  return Math.min(Math.max(bucket, 0), BUCKETS - 1)
}

function emptyRow({ kind, revision, version }: Pick<Row, 'kind' | 'revision' | 'version'>) {
  const reasons: Record<string, number> = {}
  const histogram = new Array<number>(BUCKETS).fill(0)
  return { kind, revision, version, total: 0, failed: 0, reasons, histogram }
}

function toRow({ maxMs, ...row }: MutableRow): Row {
  const quantile = (share: number) => quantileOf(row.histogram, row.total, share, maxMs)
  return {
    ...row,
    reasons: { ...row.reasons },
    histogram: [...row.histogram],
    latency: {
      p50: quantile(0.5),
      p95: quantile(0.95),
      p99: quantile(0.99),
      max: row.total === 0 ? null : maxMs,
    },
  }
}

function quantileOf(
  histogram: readonly number[],
  total: number,
  share: number,
  maxMs: number,
): number | null {
  if (total === 0) return null
  let left = Math.ceil(total * share)
  for (const [bucket, times] of histogram.entries()) {
    left -= times
    if (left <= 0) return Math.min(bucketEndMs(bucket), maxMs)
  }
  return maxMs
}
