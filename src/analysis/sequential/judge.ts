import { bucketAt, bucketOf, countAbove, countOf, emptyBuckets } from '../buckets.ts'
import type { Phi } from '../judge-settings.ts'
import type { Tick } from '../metrics.ts'
import type { Verdict } from '../verdict.ts'
import { type BlockCounts, extend, openBlock } from './block.ts'
import { decide } from './decision.ts'
import { disperse, fixMarks, phiOf } from './dispersion.ts'
import { LEAST_REQUESTS, takeErrors } from './error-metric.ts'
import { evidenceOf } from './evidence.ts'
import { rememberErrors, rememberLatency, rememberRate } from './history.ts'
import { takeLatency } from './latency-metric.ts'
import { takeObjective } from './objective.ts'
import { reasonFor } from './reasons.ts'
import { failed, rise, slowerThan } from './rise.ts'
import { hasLatency, type LatencySample, mergeLatency, type Sample, sampleOf } from './sample.ts'
import { standingOf } from './standing.ts'
import type { JudgeState } from './state.ts'
import { addTally, tallyOfSample } from './tally.ts'
import { restake, wealthOf } from './wealth.ts'

/** Share of requests that may be slower than an objective for the 95th percentile. */
const P95_SLOW_SHARE = 0.05

/**
 * Is the canary worse than the baseline, and is it safe to give it more? Ask after every tick, in order.
 * The state is changed in place (and returned, for those who fold): it belongs to the caller, who
 * keeps a copy if they need the one before. Same settings and ticks, same verdicts.
 *
 * Until the canary's first request ticks fill the history only. `promote` is said once for each
 * entry of `settings.next`, in order; `rollback` is final.
 * Source: the formulas are explained, with their sources, at each expert.
 */
export function judge(
  state: JudgeState,
  tick: Tick,
): { readonly state: JudgeState; readonly verdict: Verdict } {
  const sample = sampleOf(tick, state.settings.warm)
  noteWeight(state, tick)
  noteStart(state, tick, sample)
  const phi = phiOf(state.dispersion, state.settings.phi)
  disperse(state.dispersion, tick.baseline, {
    seconds: tick.seconds,
    usual: state.history.latency.baseline,
  })
  if (tick.weight <= 0) fillHistory(state, tick, sample)
  else if (!state.started) awaitCanary(state, tick, { sample, phi })
  else weigh(state, tick, { sample, phi })
  state.t = tick.t
  return { state, verdict: conclude(state) }
}

/** What the rollout measured of the service's correlation, to be stored for its later rollouts; null: too few instances. */
export function measuredPhi(state: JudgeState): Phi | null {
  return state.dispersion.replicas < 2 ? null : phiOf(state.dispersion)
}

function conclude(state: JudgeState): Verdict {
  const standing = standingOf(state)
  const decision = decide(state, standing)
  const reason = state.rolledBack ?? reasonFor(state, standing, decision)
  const evidence = evidenceOf(state, standing)
  if (decision.kind === 'rollback') state.rolledBack = reason
  if (decision.kind === 'promote') state.passed += 1
  if (state.blocksAtWeight > 0) state.announced = true
  return { t: state.t ?? 0, ...decision, reason, evidence }
}

function noteWeight(state: JudgeState, tick: Tick): void {
  if (tick.weight !== state.weight) {
    state.weight = tick.weight
    state.weightSeconds = 0
    state.blocksAtWeight = 0
    state.silence = { seconds: 0, requests: 0 }
    discardOpenBlocks(state)
  }
  state.weightSeconds += tick.seconds
  const ages = tick.canary.map(({ ageSeconds }) => ageSeconds)
  state.oldestCanary = ages.length === 0 ? null : Math.max(...ages)
}

function discardOpenBlocks(state: JudgeState): void {
  state.errors.open = null
  state.latency.open = null
  for (const objective of Object.values(state.objectives)) if (objective) objective.open = null
}

function noteStart(state: JudgeState, tick: Tick, { counts }: Sample): void {
  const silent = counts.canaryRequests === 0
  state.silence = {
    seconds: silent ? state.silence.seconds + tick.seconds : 0,
    requests: silent ? state.silence.requests + counts.baselineRequests : 0,
  }
  if (state.started || silent || tick.weight <= 0) return
  state.started = true
  const usual = state.history.latency.baseline
  state.latencyMeasured = countOf(usual) > 0 || hasLatency(tick)
  if (countOf(usual) > 0) fixMarks(state.dispersion, usual)
}

/** Requests that reach a canary of weight 0 came by a header or a preview: not comparable, not counted. */
function fillHistory(state: JudgeState, tick: Tick, { counts }: Sample): void {
  const { baselineRequests, baselineErrors } = counts
  rememberErrors(
    state.history.errors,
    { canaryRequests: 0, canaryErrors: 0, baselineRequests, baselineErrors },
    tick.seconds,
  )
  rememberTraffic(state, tick, baselineRequests)
}

/**
 * The canary has weight but no request ever reached it: the tick belongs to the block that may still
 * see one, and to the history as soon as that block would be full without.
 */
function awaitCanary(state: JudgeState, tick: Tick, { sample, phi }: Look): void {
  const { errors, history } = state
  errors.open ??= openBlock(phi.errors)
  extend(errors.open, sample.seconds, sample.counts)
  if (errors.open.baselineRequests >= LEAST_REQUESTS) {
    rememberErrors(history.errors, errors.open, errors.open.seconds)
    errors.open = null
  }
  rememberTraffic(state, tick, sample.counts.baselineRequests)
}

function rememberTraffic({ history }: JudgeState, tick: Tick, requests: number): void {
  rememberRate(history, requests, tick.seconds)
  const latency = { canary: emptyBuckets(), baseline: mergeLatency(tick.baseline) }
  rememberLatency(history, latency, tick.seconds)
}

type Look = { readonly sample: Sample; readonly phi: Phi }

function weigh(state: JudgeState, tick: Tick, look: Look): void {
  const alone = isAlone(state, tick)
  if (alone !== state.alone) handOver(state, alone)
  addTally(state.tally, tallyOfSample(look.sample))
  let closed = weighObjectives(state, look)
  if (!alone) closed = compare(state, tick, look) || closed
  if (closed) state.blocksAtWeight += 1
}

function compare(state: JudgeState, tick: Tick, { sample, phi }: Look): boolean {
  const { history, settings } = state
  const mark = bucketAt(history.latency.baseline, 1 - P95_SLOW_SHARE)
  rise(state.errors.rise, { tally: tallyOfSample(sample), canary: tick.canary }, failed)
  let closed = takeErrors(state.errors, sample, { history, phi: phi.errors, settings })
  if (sample.latency === null || !state.latencyMeasured) return closed
  const warm = tick.canary.filter(({ ageSeconds }) => ageSeconds >= settings.warm)
  rise(state.latency.rise, { tally: tallyOfSample(sample), canary: warm }, slowerThan(mark))
  const latency = { seconds: sample.seconds, sample: sample.latency }
  closed = takeLatency(state.latency, latency, { history, phi: phi.latency, settings }) || closed
  return closed
}

function weighObjectives(state: JudgeState, { sample, phi }: Look): boolean {
  const { objectives = {}, kappa = 2 } = state.settings
  const { errors, latency } = state.objectives
  let closed = false
  if (errors !== null && objectives.errorRate !== undefined) {
    const rule = { limit: objectives.errorRate, phi: phi.errors, kappa }
    closed = takeObjective(errors, sample, rule)
  }
  if (latency !== null && objectives.p95Ms !== undefined && sample.latency !== null) {
    const counts = slowCounts(sample.latency, bucketOf(objectives.p95Ms))
    const rule = { limit: P95_SLOW_SHARE, phi: phi.latency, kappa: null }
    closed = takeObjective(latency, { seconds: sample.seconds, counts }, rule) || closed
  }
  return closed
}

function slowCounts(sample: LatencySample, limit: number): BlockCounts {
  return {
    canaryRequests: sample.canaryRequests,
    canaryErrors: countAbove(sample.canary, limit),
    baselineRequests: sample.baselineRequests,
    baselineErrors: countAbove(sample.baseline, limit),
  }
}

/** All traffic is the canary's, or there never was a baseline: nothing to compare it with. */
function isAlone(state: JudgeState, tick: Tick): boolean {
  if (tick.weight >= 1) return true
  return tick.baseline.length === 0 && state.history.errors.baselineRequests === 0
}

/** An objective takes its metric's place with the metric's wealth, and gives it back: no new money. */
function handOver(state: JudgeState, alone: boolean): void {
  state.alone = alone
  for (const metric of ['errors', 'latency'] as const) {
    const objective = state.objectives[metric]
    if (objective === null) continue
    const [from, to] = alone ? [state[metric], objective] : [objective, state[metric]]
    restake(to.wealth, wealthOf(from.wealth))
  }
}
