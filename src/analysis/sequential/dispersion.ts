import { bucketAt, countAbove, countOf } from '../buckets.ts'
import type { Phi } from '../judge-settings.ts'
import type { Replica } from '../metrics.ts'

/**
 * How much more the baseline's instances differ from one another than independent requests would:
 * failures come in clumps, and evidence must be divided by their size.
 */
export type Dispersion = {
  errors: Spread
  /** Requests above the baseline's median, and above its 90th percentile. */
  median: Spread
  tail: Spread
  /** Buckets of the two marks, fixed when the canary starts; null: still those of the history. */
  marks: { median: number; tail: number } | null
  /** Most baseline instances ever seen in one tick. */
  replicas: number
}

type Spread = {
  /** Sums over ticks of squared residuals and of their expected size. */
  squares: number
  variance: number
  /** The same over closed windows, and their number. */
  windowSquares: number
  windowVariance: number
  windows: number
  /** The open window: residual of each instance, expected size, seconds. */
  open: { residuals: number[]; variance: number; seconds: number }
}

const WINDOW_SECONDS = 60
const PRIOR = 10
const PRIOR_WINDOWS = 5

export function createDispersion(): Dispersion {
  return {
    errors: createSpread(),
    median: createSpread(),
    tail: createSpread(),
    marks: null,
    replicas: 0,
  }
}

/** Fixes the marks at the usual baseline's median and 90th percentile. */
export function fixMarks(dispersion: Dispersion, usual: readonly number[]): void {
  dispersion.marks ??= { median: bucketAt(usual, 0.5), tail: bucketAt(usual, 0.9) }
}

/** Adds one tick of the baseline. `usual`: its decayed histogram from before the tick. */
export function disperse(
  dispersion: Dispersion,
  baseline: readonly Replica[],
  tick: { readonly seconds: number; readonly usual: readonly number[] },
): void {
  dispersion.replicas = Math.max(dispersion.replicas, baseline.length)
  if (baseline.length < 2) return
  addCounts(dispersion.errors, tick.seconds, {
    requests: baseline.map(({ requests }) => requests),
    hits: baseline.map(({ errors }) => errors),
    poisson: true,
  })
  if (countOf(tick.usual) === 0 || baseline.some(({ latency }) => latency === undefined)) return
  const marks = dispersion.marks ?? {
    median: bucketAt(tick.usual, 0.5),
    tail: bucketAt(tick.usual, 0.9),
  }
  const requests = baseline.map(({ latency = [] }) => countOf(latency))
  for (const name of ['median', 'tail'] as const) {
    addCounts(dispersion[name], tick.seconds, {
      requests,
      hits: baseline.map(({ latency = [] }) => countAbove(latency, marks[name])),
      poisson: false,
    })
  }
}

/**
 * The guards by which evidence is divided, ≥ 1.
 * @param stored what earlier rollouts of the service measured: with one baseline instance nothing can be measured
 */
export function phiOf(dispersion: Dispersion, stored?: Phi): Phi {
  if (dispersion.replicas < 2) return stored ?? { errors: 1, latency: 1 }
  return {
    errors: ratioOf(dispersion.errors),
    latency: Math.max(ratioOf(dispersion.median), ratioOf(dispersion.tail)),
  }
}

function createSpread(): Spread {
  return {
    squares: 0,
    variance: 0,
    windowSquares: 0,
    windowVariance: 0,
    windows: 0,
    open: { residuals: [], variance: 0, seconds: 0 },
  }
}

function ratioOf(spread: Spread): number {
  const fast = (PRIOR + spread.squares) / (PRIOR + spread.variance)
  const perWindow = spread.windows === 0 ? 0 : spread.windowVariance / spread.windows
  const prior = PRIOR + PRIOR_WINDOWS * perWindow
  const slow = (prior + spread.windowSquares) / (prior + spread.windowVariance)
  return Math.max(1, fast, slow)
}

type Counts = {
  readonly requests: readonly number[]
  readonly hits: readonly number[]
  /** Rare hits: their variance is their number; else binomial. */
  readonly poisson: boolean
}

function addCounts(spread: Spread, seconds: number, { requests, hits, poisson }: Counts): void {
  const n = requests.reduce((sum, count) => sum + count, 0)
  const x = hits.reduce((sum, count) => sum + count, 0)
  if (n > 0) {
    const residuals = hits.map((count, p) => count - (requests[p]! / n) * x)
    const free = requests.reduce((sum, count) => sum + (count / n) * (1 - count / n), 0)
    const variance = poisson ? x * free : (x / n) * (1 - x / n) * n * free
    spread.squares += residuals.reduce((sum, r) => sum + r * r, 0)
    spread.variance += variance
    addToWindow(spread, residuals, variance)
  }
  spread.open.seconds += seconds
  if (spread.open.seconds >= WINDOW_SECONDS) closeWindow(spread)
}

/** Instances are told apart by their place, so a window in which their number changed is begun anew. */
function addToWindow(spread: Spread, residuals: readonly number[], variance: number): void {
  const { open } = spread
  if (open.residuals.length !== residuals.length) {
    open.residuals = residuals.map(() => 0)
    open.variance = 0
    open.seconds = 0
  }
  for (let p = 0; p < residuals.length; p++) open.residuals[p]! += residuals[p]!
  open.variance += variance
}

function closeWindow(spread: Spread): void {
  const { open } = spread
  spread.windowSquares += open.residuals.reduce((sum, r) => sum + r * r, 0)
  spread.windowVariance += open.variance
  spread.windows += 1
  spread.open = { residuals: [], variance: 0, seconds: 0 }
}
