import { quantileMs } from '../buckets.ts'
import type { Arm, Evidence } from '../verdict.ts'
import { EXCESS_BOUNDS } from './error-metric.ts'
import { safetyOf } from './safety.ts'
import type { Standing } from './standing.ts'
import type { JudgeState } from './state.ts'
import type { ArmTally } from './tally.ts'

/** Evidence that makes a bound 95 % sure. */
const SURE = 20

/** The numbers behind a verdict, of both arms since the canary's first request. */
export function evidenceOf(state: JudgeState, standing: Standing): Evidence {
  const { metrics, wealth } = standing
  return {
    seconds: state.tally.seconds,
    canary: armOf(state.tally.canary),
    baseline: armOf(state.tally.baseline),
    wealth,
    wealthBy: Object.fromEntries(metrics.map(({ metric, wealth }) => [metric, wealth])),
    safety: Object.fromEntries(
      metrics.flatMap(({ metric, safety }) => (safety === null ? [] : [[metric, safety]])),
    ),
    excessBelow: excessBelow(state),
  }
}

function excessBelow(state: JudgeState): number | null {
  const i = state.errors.bounds.findIndex((safety) => safetyOf(safety) >= SURE)
  return EXCESS_BOUNDS[i] ?? null
}

export function armOf({ requests, errors, latency }: ArmTally): Arm {
  return {
    requests,
    errors,
    errorRate: requests > 0 ? errors / requests : null,
    p50Ms: quantileMs(latency, 0.5),
    p95Ms: quantileMs(latency, 0.95),
    p99Ms: quantileMs(latency, 0.99),
  }
}
