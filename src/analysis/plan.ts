import type { NextStep } from './judge-settings.ts'
import { points, rate, ratio, seconds } from './numbers.ts'
import { ERROR_SAFETY_EXPERTS } from './sequential/safety.ts'

export type PlanRequest = {
  /** Usual requests per second of the whole service; null: not known yet. */
  readonly rps: number | null
  /** Usual error rate, 0..1. */
  readonly errorRate: number
  /** The user's weights, 0..1, smallest first, none is skipped. Absent: chosen from the traffic. The last one is always 1. */
  readonly weights?: readonly number[]
  /** Largest excess error rate that the whole service may be exposed to, 0..1; null: the smallest that traffic can show in time. */
  readonly risk?: number | null
  readonly alpha: number
  readonly beta: number
  /** Least seconds at a weight. Default 0. */
  readonly minDwell?: number
  /** Seconds until the latency of a step's new instances counts. Default 0. */
  readonly warm?: number
}

export type Plan = {
  /** Weights of the canary in order, 0..1; the last is 1. */
  readonly weights: readonly number[]
  /** The whole service never risks a larger excess than this, 0..1. */
  readonly risk: number
  /** What the judge must refute before each further weight: `JudgeSettings.next`. */
  readonly next: readonly NextStep[]
  readonly steps: readonly PlannedStep[]
  /** Expected seconds until the whole service runs the canary, if that is as good; null: without traffic nobody knows. */
  readonly seconds: number | null
  /** All of this in one sentence. */
  readonly announcement: string
}

export type PlannedStep = {
  /** The weight while waiting for evidence, 0..1. */
  readonly weight: number
  readonly to: NextStep
  readonly seconds: number | null
}

const LEAST_WEIGHT = 0.05
const MOST_FIRST_WEIGHT = 0.5
/** A canary needs about one request in two seconds. */
const CANARY_RPS = 0.5
const MIDDLE_WEIGHT = 0.25
/** A step has to be larger than the one before by this factor. */
const LEAST_GROWTH = 1.2
const RISKS = [0.005, 0.01, 0.02] as const
const PATIENCE_SECONDS = 600
const FIRST_RATIO = 2
const LAST_RATIO = 1.5

/** Steps, margins and a forecast, fixed before a rollout from the usual traffic. */
export function planSteps(request: PlanRequest): Plan {
  const weights = completed(request.weights ?? usualWeights(request.rps))
  const risks = request.risk == null ? RISKS : [request.risk]
  const plans = risks.map((risk) => planWith(risk, weights, request))
  return plans.find((plan) => (plan.seconds ?? Infinity) <= PATIENCE_SECONDS) ?? plans.at(-1)!
}

/**
 * Expected seconds until an equally good canary is shown to be within its margin, by errors alone.
 * @param weight the canary's share while waiting, 0..1
 * @returns Infinity where the traffic cannot show it
 * Source: Wald, Sequential analysis, 1947: the threshold over the best expert's growth per second.
 */
export function stepSeconds(fields: {
  readonly rps: number
  readonly errorRate: number
  readonly weight: number
  readonly margin: number
  readonly beta: number
}): number {
  const { rps, errorRate: t, weight, margin, beta } = fields
  const r = weight / (1 - weight)
  const growths = ERROR_SAFETY_EXPERTS.map(
    (e) => t * Math.log(e) + (t / r) * Math.log(1 + r * (1 - e)) + margin * (1 - e),
  )
  const growth = rps * weight * Math.max(...growths)
  return growth > 0
    ? (Math.log(1 / beta) + Math.log(ERROR_SAFETY_EXPERTS.length)) / growth
    : Infinity
}

function usualWeights(rps: number | null): readonly number[] {
  const enough = rps === null || rps <= 0 ? MOST_FIRST_WEIGHT : CANARY_RPS / rps
  const first = Math.max(LEAST_WEIGHT, Math.min(MOST_FIRST_WEIGHT, enough))
  return [first, MIDDLE_WEIGHT, 1].filter((w, i) => i === 0 || w >= LEAST_GROWTH * first)
}

function completed(weights: readonly number[]): readonly number[] {
  return weights.at(-1) === 1 ? weights : [...weights, 1]
}

function planWith(risk: number, weights: readonly number[], request: PlanRequest): Plan {
  const targets = weights.slice(1)
  const next = targets.map((weight, i) => ({
    weight,
    margin: Math.min(1, risk / weight),
    latencyRatio: latencyRatio(i, targets.length),
  }))
  const steps = next.map((to, i) => {
    const weight = weights[i]!
    return { weight, to, seconds: forecast(request, weight, to.margin) }
  })
  const total = steps.reduce((sum, step) => sum + (step.seconds ?? Infinity), 0)
  const seconds = Number.isFinite(total) ? total : null
  return { weights, risk, next, steps, seconds, announcement: announce({ risk, steps, seconds }) }
}

/** From 2.0 for the first step to 1.5 for the last, evenly. */
function latencyRatio(step: number, steps: number): number {
  if (step === steps - 1) return LAST_RATIO
  return FIRST_RATIO + ((LAST_RATIO - FIRST_RATIO) * step) / (steps - 1)
}

function forecast(request: PlanRequest, weight: number, margin: number): number | null {
  const { rps, errorRate, beta, minDwell = 0, warm = 0 } = request
  if (rps === null) return null
  const shown = stepSeconds({ rps, errorRate, weight, margin, beta })
  return Number.isFinite(shown) ? Math.max(shown, minDwell, warm) : null
}

function announce({ risk, steps, seconds: total }: Pick<Plan, 'risk' | 'steps' | 'seconds'>) {
  if (steps.length === 0) return 'all traffic goes to the new version at once: nothing to judge'
  const time = total === null ? 'no forecast without traffic' : `about ${seconds(total)}`
  return `${steps.map(announceStep).join('; ')}; ${time} altogether; the whole service risks at most ${points(risk)}`
}

/** What must be refuted before a step, and how long that should take. */
export function announceStep({ weight, to, seconds: time }: PlannedStep): string {
  const forecast = time === null ? '' : `, about ${seconds(time)}`
  return `from ${rate(weight)} to ${rate(to.weight)}: excess error rate below ${points(to.margin)} and p95 below ${ratio(to.latencyRatio)} times the baseline's${forecast}`
}
