import { type Scenario, valueAt } from '../../src/analysis/testdata/scenario.ts'

/**
 * What any judge needs that knows both laws. Only for scenarios whose laws do not change with time.
 * Source: Wald, Sequential analysis, 1947.
 */
export type LowerLimit = {
  /** Seconds until a rollback; null: the versions are equal, or change with time. */
  readonly rollback: number | null
  /** Seconds until a margin is shown; null: the canary exceeds it, or changes with time. */
  readonly promotion: (margin: number) => number | null
}

export function lowerLimit(scenario: Scenario, alpha = 0.01, beta = 0.05): LowerLimit {
  const { rps, weight: w, canary, baseline } = scenario
  const values = [rps, canary.errors, canary.latency ?? 1, baseline.errors, baseline.latency ?? 1]
  if (values.some((value) => typeof value !== 'number')) {
    return { rollback: null, promotion: () => null }
  }
  const rate = valueAt(rps, 0)
  const c = { errors: valueAt(canary.errors, 0), latency: valueAt(canary.latency, 0) }
  const b = { errors: valueAt(baseline.errors, 0), latency: valueAt(baseline.latency, 0) }
  const perRequest =
    mixedDivergence(bernoulli(c.errors), bernoulli(b.errors), w) +
    mixedDivergence(logNormal(c.latency), logNormal(b.latency), w)
  const isWorse = c.errors > b.errors || c.latency > b.latency
  return {
    rollback: isWorse ? Math.log(1 / alpha) / (rate * perRequest) : null,
    promotion: (margin) => {
      if (c.errors >= b.errors + margin) return null
      return Math.log(1 / beta) / (rate * leastDivergence(c.errors, b.errors, { margin, w }))
    },
  }
}

/** w·KL(c‖m) + (1−w)·KL(b‖m) with m = w·c + (1−w)·b. */
function mixedDivergence(c: readonly number[], b: readonly number[], w: number): number {
  const mixture = c.map((p, i) => w * p + (1 - w) * b[i]!)
  return w * divergence(c, mixture) + (1 - w) * divergence(b, mixture)
}

/** The hardest baseline rate t to refute: min over t of w·KL(c‖t+M) + (1−w)·KL(b‖t). */
function leastDivergence(
  c: number,
  b: number,
  { margin, w }: { readonly margin: number; readonly w: number },
): number {
  let least = Infinity
  for (let i = 0; i < 200_000; i++) {
    const t = (i / 200_000) * (1 - margin)
    const cost =
      w * divergence(bernoulli(c), bernoulli(t + margin)) +
      (1 - w) * divergence(bernoulli(b), bernoulli(t))
    if (cost < least) least = cost
  }
  return least
}

function divergence(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, x, i) => (x > 0 ? sum + x * Math.log(x / q[i]!) : sum), 0)
}

function bernoulli(p: number): readonly number[] {
  return [p, 1 - p]
}

/** The generator's latency law, finely cut; its scale parameter is 0.5 around ln 100 + ln factor. */
function logNormal(factor: number): readonly number[] {
  const steps = 2000
  const density = Array.from({ length: steps }, (_, i) => {
    const x = -4 + (8 * i) / steps
    return Math.exp(-0.5 * ((x - Math.log(factor)) / 0.5) ** 2)
  })
  const total = density.reduce((sum, value) => sum + value, 0)
  return density.map((value) => value / total)
}
