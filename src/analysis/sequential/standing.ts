import { isErrorEffectReal, isLatencyEffectReal } from './history.ts'
import { isBreached, isOver } from './objective.ts'
import { safetyOf } from './safety.ts'
import type { JudgeState } from './state.ts'
import { wealthOf } from './wealth.ts'

export type Metric = 'errors' | 'latency'

/** Where the judge stands after a tick: the numbers that the decision compares with its limits. */
export type Standing = {
  /** Across metrics, by fixed shares. */
  readonly wealth: number
  readonly metrics: readonly MetricStanding[]
  /** Objectives that the canary exceeds now. */
  readonly breaches: readonly Breach[]
}

export type MetricStanding = {
  readonly metric: Metric
  readonly wealth: number
  /** Whether there is suspicion, and the difference of late is large enough to act upon. */
  readonly effect: boolean
  /** Evidence for the next step's margin; null: no step is left. */
  readonly safety: number | null
}

export type Breach = {
  readonly metric: Metric
  readonly limit: number
  /** Whether the baseline exceeds it too. */
  readonly byBoth: boolean
}

/** Wealth from which nothing is promoted any more, and below which no metric alone rolls back. */
export const SUSPICION = 10

const P95_SLOW_SHARE = 0.05

export function standingOf(state: JudgeState): Standing {
  const metrics = (state.latencyMeasured ? ['errors', 'latency'] : ['errors']) as Metric[]
  const standings = metrics.map((metric) => metricStanding(state, metric))
  const wealth = standings.reduce(
    (sum, { metric, wealth }) => sum + shareOf(state, metric) * wealth,
    0,
  )
  return { wealth, metrics: standings, breaches: breachesOf(state) }
}

/** How the accepted alpha is spent. Source: Vovk, Wang, Annals of Statistics 49 (2021). */
function shareOf(state: JudgeState, metric: Metric): number {
  if (!state.latencyMeasured) return 1
  return state.settings.shares?.[metric] ?? 0.5
}

function metricStanding(state: JudgeState, metric: Metric): MetricStanding {
  const objective = state.alone ? state.objectives[metric] : null
  const safety = state[metric].safety[state.passed]
  const wealth = wealthOf((objective ?? state[metric]).wealth)
  return {
    metric,
    wealth,
    effect: wealth >= SUSPICION && hasEffect(state, metric),
    safety: safety === undefined ? null : safetyOf(safety),
  }
}

function hasEffect(state: JudgeState, metric: Metric): boolean {
  if (state.alone) {
    const objective = state.objectives[metric]
    return objective !== null && isOver(objective, limitOf(state, metric), 'canary')
  }
  return metric === 'errors' ? isErrorEffectReal(state.history) : isLatencyEffectReal(state.history)
}

function breachesOf(state: JudgeState): readonly Breach[] {
  return (['errors', 'latency'] as const).flatMap((metric) => {
    const objective = state.objectives[metric]
    const limit = limitOf(state, metric)
    if (objective === null || !isBreached(objective, limit)) return []
    return [{ metric, limit, byBoth: isOver(objective, limit, 'baseline') }]
  })
}

/** The share of requests that may be bad by the objective. */
function limitOf(state: JudgeState, metric: Metric): number {
  return metric === 'errors' ? (state.settings.objectives?.errorRate ?? 1) : P95_SLOW_SHARE
}
