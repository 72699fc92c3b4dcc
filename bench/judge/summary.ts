import { type Reference, type Scenario, valueAt } from '../../src/analysis/testdata/scenario.ts'
import { lowerLimit } from './lower-limit.ts'
import { type Ending, SLIPWAY } from './trial.ts'

/** Of all repetitions, those that never ended counting as infinitely late; null: the quantile is one of those. */
export type Delays = {
  readonly median: number | null
  readonly p95: number | null
  /** Share of the runs that ended so, 0..1. */
  readonly share: number
}

export type ScenarioRow = {
  readonly scenario: string
  readonly judge: string
  readonly isHarmful: boolean
  readonly rollback: Delays
  readonly badRequests: Delays
  readonly to25: Delays
  readonly to100: Delays
  /** Median delay over the least that any judge needs; null: there is no limit of 10 s or more. */
  readonly ratioRollback: number | null
  readonly ratioTo25: number | null
  readonly ratioTo100: number | null
}

export type JudgeRow = {
  readonly judge: string
  /** Share of the runs of healthy scenarios that were rolled back. */
  readonly falseRollbacks: number
  /** Over all runs of harmful scenarios: share never rolled back, and delay and damage of the others. */
  readonly missed: number
  readonly delay: Delays
  readonly badRequests: Delays
  /** Over all runs of healthy scenarios. */
  readonly promotion: Delays
}

/** Scenarios in which the canary is worse at some time. */
export function isHarmful({ canary, baseline, seconds = 1800 }: Scenario): boolean {
  return Array.from({ length: seconds }, (_, t) => t).some(
    (t) =>
      t >= WARM_UP &&
      (valueAt(canary.errors, t) > valueAt(baseline.errors, t) + 1e-12 ||
        valueAt(canary.latency, t) > valueAt(baseline.latency, t) + 1e-12),
  )
}

/** Slowness of new instances is no fault of the version. */
const WARM_UP = 30

export function scenarioRow(
  scenario: Scenario,
  judge: string,
  endings: readonly Ending[],
): ScenarioRow {
  const limit = lowerLimit(scenario)
  const rollback = delaysOf(endings.map((ending) => ending.rollback))
  const to25 = delaysOf(endings.map((ending) => ending.to25))
  const to100 = delaysOf(endings.map((ending) => ending.to100))
  return {
    scenario: scenario.id,
    judge,
    isHarmful: isHarmful(scenario),
    rollback,
    badRequests: delaysOf(endings.map((ending) => ending.badRequests)),
    to25,
    to100,
    ratioRollback: ratio(rollback.median, limit.rollback),
    ratioTo25: judge === SLIPWAY ? ratio(to25.median, limit.promotion(0.02)) : null,
    ratioTo100: judge === SLIPWAY ? ratio(to100.median, limit.promotion(0.005)) : null,
  }
}

export function judgeRow(
  judge: string,
  runs: readonly { readonly scenario: Scenario; readonly ending: Ending }[],
): JudgeRow {
  const harmful = runs.filter(({ scenario }) => isHarmful(scenario)).map(({ ending }) => ending)
  const healthy = runs.filter(({ scenario }) => !isHarmful(scenario)).map(({ ending }) => ending)
  const caught = harmful.filter(({ rollback }) => rollback !== null)
  return {
    judge,
    falseRollbacks: share(healthy, ({ rollback }) => rollback !== null),
    missed: 1 - share(harmful, ({ rollback }) => rollback !== null),
    delay: delaysOf(caught.map(({ rollback }) => rollback)),
    badRequests: delaysOf(caught.map(({ badRequests }) => badRequests)),
    promotion: delaysOf(healthy.map(({ to100 }) => to100)),
  }
}

/** Where our judge leaves the reference: a median off by more than 25 % + 3 s, or a rollback that the reference never makes. */
export function deviations(rows: readonly ScenarioRow[], reference: Reference): readonly string[] {
  return rows
    .filter(({ judge }) => judge === SLIPWAY)
    .flatMap((row) =>
      (['rollback', 'to25', 'to100'] as const).flatMap((what) => {
        const expected = reference[row.scenario]?.[what]
        const { median, share } = row[what]
        const place = `${row.scenario}, ${what}`
        if (expected == null) return share > 1 / 40 ? [`${place}: ${share}, reference never`] : []
        if (expected.median === undefined) return []
        const off = Math.abs((median ?? Infinity) - expected.median)
        const isOff = off > 0.25 * expected.median + 3
        return isOff ? [`${place}: ${median} s, reference ${expected.median} s`] : []
      }),
    )
}

export function delaysOf(values: readonly (number | null)[]): Delays {
  const sorted = values.map((value) => value ?? Infinity).sort((a, b) => a - b)
  const at = (q: number) => {
    const value = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Infinity
    return Number.isFinite(value) ? value : null
  }
  const ended = sorted.filter((value) => Number.isFinite(value)).length
  return { median: at(0.5), p95: at(0.95), share: sorted.length === 0 ? 0 : ended / sorted.length }
}

/** Below it the ceiling of three ticks dominates, not the evidence. */
const LEAST_LIMIT_SECONDS = 10

function ratio(median: number | null, limit: number | null): number | null {
  return median === null || limit === null || limit < LEAST_LIMIT_SECONDS ? null : median / limit
}

function share<T>(values: readonly T[], holds: (value: T) => boolean): number {
  return values.length === 0 ? 0 : values.filter(holds).length / values.length
}
