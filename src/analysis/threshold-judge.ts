import type { Tick } from './metrics.ts'
import { count, ms, rate, seconds as time } from './numbers.ts'
import { armOf } from './sequential/evidence.ts'
import { sampleOf } from './sequential/sample.ts'
import { addTally, createTally, type Tally, tallyOfSample } from './sequential/tally.ts'
import type { Arm, Verdict } from './verdict.ts'

/** Fixed limits over a moving window, for those who want them. Promises nothing about chance. */
export type ThresholdSettings = {
  /** Length of the window. Default 60. */
  readonly windowSeconds?: number
  /** Fewer canary requests in the window are no evidence. Default 20. */
  readonly minRequests?: number
  /** Highest share of failed requests, 0..1, and highest 95th percentile in milliseconds. */
  readonly limits: { readonly errorRate?: number; readonly p95Ms?: number }
  /** Least seconds within the limits at a weight before a promotion. Default: the window. */
  readonly minDwell?: number
  /** Age in seconds from which a canary instance's latency counts. Default 30. */
  readonly warm?: number
  /** Seconds at a weight after which the judge says inconclusive. Default 1800. */
  readonly maxSeconds?: number
  /** The weights still to be reached, 0..1, smallest first. */
  readonly next: readonly { readonly weight: number }[]
}

/** Plain JSON. */
export type ThresholdState = {
  readonly settings: ThresholdSettings
  weight: number
  weightSeconds: number
  passed: number
  rolledBack: string | null
  /** Ticks of the window at this weight, oldest first. */
  window: Tally[]
}

export function createThresholdJudge(settings: ThresholdSettings): ThresholdState {
  return { settings, weight: 0, weightSeconds: 0, passed: 0, rolledBack: null, window: [] }
}

/** Verdict after a tick. The state is changed in place; `promote` is said once per entry of `next`, `rollback` is final. */
export function thresholdJudge(
  state: ThresholdState,
  tick: Tick,
): { readonly state: ThresholdState; readonly verdict: Verdict } {
  advance(state, tick)
  const seen = createTally()
  for (const tally of state.window) addTally(seen, tally)
  const canary = armOf(seen.canary)
  const decision = decide(state, canary)
  const reason = state.rolledBack ?? decision.reason
  if (decision.kind === 'rollback') state.rolledBack = reason
  if (decision.kind === 'promote') state.passed += 1
  const evidence = {
    seconds: seen.seconds,
    canary,
    baseline: armOf(seen.baseline),
    wealth: 1,
    wealthBy: {},
    safety: {},
    excessBelow: null,
  }
  return { state, verdict: { t: tick.t, ...decision, reason, evidence } }
}

function advance(state: ThresholdState, tick: Tick): void {
  if (tick.weight !== state.weight) {
    state.weight = tick.weight
    state.weightSeconds = 0
    state.window = []
  }
  state.weightSeconds += tick.seconds
  if (tick.weight > 0) state.window.push(tallyOfSample(sampleOf(tick, state.settings.warm ?? 30)))
  let length = state.window.reduce((sum, { seconds }) => sum + seconds, 0)
  while (length > windowOf(state)) length -= state.window.shift()!.seconds
}

function decide(
  state: ThresholdState,
  canary: Arm,
): Pick<Verdict, 'verdict' | 'kind' | 'toWeight' | 'reason'> {
  const { settings, passed, weightSeconds } = state
  const keep = { verdict: 'continue', toWeight: null } as const
  const counts = `${count(canary.errors)} of ${count(canary.requests)} canary requests failed in the last ${time(Math.min(weightSeconds, windowOf(state)))}`
  const least = settings.minRequests ?? 20
  const wrong = canary.requests < least ? null : exceeded(settings, canary)
  if (state.rolledBack !== null || wrong !== null) {
    return { verdict: 'rollback', kind: 'rollback', toWeight: null, reason: `${wrong}; ${counts}` }
  }
  const next = settings.next[passed]
  const dwell = settings.minDwell ?? windowOf(state)
  if (next !== undefined && canary.requests >= least && weightSeconds >= dwell) {
    const reason = `within the limits for ${time(weightSeconds)}; ${counts}`
    return { verdict: 'promote', kind: 'promote', toWeight: next.weight, reason }
  }
  if (state.weight > 0 && next !== undefined && weightSeconds >= (settings.maxSeconds ?? 1800)) {
    return {
      ...keep,
      kind: 'inconclusive',
      reason: `no verdict after ${time(weightSeconds)}; ${counts}`,
    }
  }
  if (canary.requests < least) {
    return {
      ...keep,
      kind: 'no-evidence',
      reason: `${counts}; at least ${least} requests are needed`,
    }
  }
  return { ...keep, kind: 'collecting', reason: `within the limits; ${counts}` }
}

function exceeded({ limits }: ThresholdSettings, { errorRate, p95Ms }: Arm): string | null {
  if (limits.errorRate !== undefined && errorRate !== null && errorRate > limits.errorRate) {
    return `error rate ${rate(errorRate)} is above the limit of ${rate(limits.errorRate)}`
  }
  if (limits.p95Ms !== undefined && p95Ms !== null && p95Ms > limits.p95Ms) {
    return `p95 ${ms(p95Ms)} is above the limit of ${ms(limits.p95Ms)}`
  }
  return null
}

function windowOf({ settings }: ThresholdState): number {
  return settings.windowSeconds ?? 60
}
