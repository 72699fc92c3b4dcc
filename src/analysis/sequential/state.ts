import type { JudgeSettings } from '../judge-settings.ts'
import { createDispersion, type Dispersion } from './dispersion.ts'
import { createErrorMetric, type ErrorMetric } from './error-metric.ts'
import { createHistory, type History } from './history.ts'
import { createLatencyMetric, type LatencyMetric } from './latency-metric.ts'
import { createObjective, type ObjectiveState } from './objective.ts'
import { createTally, type Tally } from './tally.ts'

/**
 * All that the judge remembers: plain JSON, so that a controller that restarts goes on where it
 * was. Losing it voids the promise about alpha.
 */
export type JudgeState = {
  readonly settings: JudgeSettings
  /** Of the last tick; null: none yet. */
  t: number | null
  /** The canary's share and how long it has had it. */
  weight: number
  weightSeconds: number
  /** Blocks of any metric that closed at this weight. */
  blocksAtWeight: number
  /** Whether the canary ever had a request that is compared. */
  started: boolean
  /** Whether all traffic is the canary's, so that only objectives can be judged. */
  alone: boolean
  /** Whether latency is one of the metrics; fixed at the canary's first request. */
  latencyMeasured: boolean
  /** Entries of `settings.next` that were promoted. */
  passed: number
  /** Whether the plan was told in a reason of a tick with evidence. */
  announced: boolean
  /** Why it was rolled back; null: it was not. Final. */
  rolledBack: string | null
  history: History
  dispersion: Dispersion
  errors: ErrorMetric
  latency: LatencyMetric
  objectives: { errors: ObjectiveState | null; latency: ObjectiveState | null }
  /** Both arms since the canary's first request. */
  tally: Tally
  /** Since the canary's last request at this weight. */
  silence: { seconds: number; requests: number }
  /** Age of the oldest canary instance in the last tick; null: there was none. */
  oldestCanary: number | null
}

/** A judge that has seen nothing. The settings hold for its whole life. */
export function createJudge(settings: JudgeSettings): JudgeState {
  const { objectives = {}, next } = settings
  return {
    settings,
    t: null,
    weight: 0,
    weightSeconds: 0,
    blocksAtWeight: 0,
    started: false,
    alone: false,
    latencyMeasured: false,
    passed: 0,
    announced: false,
    rolledBack: null,
    history: createHistory(),
    dispersion: createDispersion(),
    errors: createErrorMetric(next),
    latency: createLatencyMetric(next),
    objectives: {
      errors: objectives.errorRate === undefined ? null : createObjective(),
      latency: objectives.p95Ms === undefined ? null : createObjective(),
    },
    tally: createTally(),
    silence: { seconds: 0, requests: 0 },
    oldestCanary: null,
  }
}
