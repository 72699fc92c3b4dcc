import { count, points, rate, ratio, seconds } from '../numbers.ts'
import { announceStep, stepSeconds } from '../plan.ts'
import type { Decision } from './decision.ts'
import { failures, harm, oneSided, whereItIs } from './harm-words.ts'
import { usualErrorRate, usualRps } from './history.ts'
import { moreRequests } from './need.ts'
import type { Breach, Standing } from './standing.ts'
import type { JudgeState } from './state.ts'

/** One sentence for people behind a decision, always with the counts. */
export function reasonFor(state: JudgeState, standing: Standing, decision: Decision): string {
  const reason = plainReason(state, standing, decision)
  return state.announced || state.weight <= 0 || state.settings.next.length === 0
    ? reason
    : `${reason}. Plan: ${plan(state)}${guardNote(state)}`
}

function plainReason(state: JudgeState, standing: Standing, decision: Decision): string {
  switch (decision.kind) {
    case 'rollback':
      return rollback(state, standing)
    case 'promote':
      return promote(state, standing)
    case 'holding':
      return holding(state, standing)
    case 'inconclusive':
      return inconclusive(state, standing)
    case 'no-evidence':
      return noEvidence(state)
    case 'collecting':
      return collecting(state, standing)
  }
}

function rollback(state: JudgeState, standing: Standing): string {
  const rollouts = count(1 / state.settings.alpha)
  const metric = leading(standing)
  const words = harm(state, metric)
  if (state.alone) {
    return `${words}; had the objective been kept, so much evidence would come up in fewer than 1 of ${rollouts} rollouts, however often looked at`
  }
  return `${words}; had the versions been equal, so much evidence would come up in fewer than 1 of ${rollouts} rollouts, however often looked at${whereItIs(state, metric)}${guardNote(state)}`
}

/** The metric that most of the evidence comes from, of those with a real effect. */
function leading({ metrics }: Standing): 'errors' | 'latency' {
  const acting = metrics.filter(({ effect }) => effect)
  const most = (acting.length > 0 ? acting : metrics).reduce((a, b) =>
    b.wealth > a.wealth ? b : a,
  )
  return most.metric
}

function promote(state: JudgeState, { metrics }: Standing): string {
  const next = state.settings.next[state.passed]!
  const shown = [
    `excess error rate below ${points(next.margin)}`,
    ...(metrics.length > 1 ? [`p95 below ${ratio(next.latencyRatio)} times the baseline's`] : []),
  ]
  const sure = rate(1 - state.settings.beta)
  return `${shown.join(' and ')}, ${sure} sure, after ${seconds(state.tally.seconds)} (${failures(state.tally)})`
}

function holding(state: JudgeState, standing: Standing): string {
  const breach = standing.breaches[0]
  if (breach !== undefined) return breachWords(state, breach)
  const odds = count(standing.wealth)
  return `${harm(state, leading(standing))}; had the versions been equal, so much evidence would come up in at most 1 of ${odds} rollouts: no promotion meanwhile, rollback at 1 of ${count(1 / state.settings.alpha)}`
}

function breachWords(state: JudgeState, { metric, limit, byBoth }: Breach): string {
  const p95 = state.settings.objectives?.p95Ms
  const objective = metric === 'errors' ? rate(limit) : `p95 of ${p95} ms`
  const counts = failures(state.tally)
  if (byBoth) return `both versions breach ${objective}: common cause (${counts})`
  return `the canary breaches ${objective}${state.alone ? '' : ', the baseline does not'} (${counts})`
}

function inconclusive(state: JudgeState, standing: Standing): string {
  const so = state.blocksAtWeight === 0 ? noEvidence(state) : collecting(state, standing)
  return `no verdict after ${seconds(state.weightSeconds)} at weight ${rate(state.weight)}: ${so}`
}

function noEvidence(state: JudgeState): string {
  if (state.weight <= 0) return withoutWeight(state)
  const { silence, weight, tally } = state
  if (state.alone) return alone(state)
  if (silence.seconds === 0) {
    return `too few requests at weight ${rate(weight)} to compare yet: ${failures(tally)}`
  }
  const expected = weight >= 1 ? 0 : (silence.requests * weight) / (1 - weight)
  const about = state.started || silence.requests > 0 ? expected : 0
  return `canary received no traffic for ${seconds(silence.seconds)}; about ${count(about)} requests expected at weight ${rate(weight)}`
}

function withoutWeight({ history }: JudgeState): string {
  const { baselineRequests } = history.errors
  return `canary has no weight: nothing to judge; baseline's usual error rate ${rate(usualErrorRate(history))} (from ${count(baselineRequests)} of late requests)`
}

function collecting(state: JudgeState, standing: Standing): string {
  const { settings, passed, tally } = state
  const next = settings.next[passed]
  if (state.alone) return alone(state)
  if (next === undefined) return `every step is passed; ${failures(tally)}; still watching`
  const requests = `${count(tally.canary.requests)} canary requests`
  const needs = moreRequests(state, standing)
  if (needs.errors > 0) {
    return `${requests}, ${count(tally.canary.errors)} failed; ${about(needs.errors)} more without failure would prove an excess below ${points(next.margin)}`
  }
  const shown = `excess error rate below ${points(next.margin)} shown (${failures(tally)})`
  if (needs.latency === 'too-young') {
    const wait = settings.warm - (state.oldestCanary ?? 0)
    return `${requests}; ${shown}; latency counts from an age of ${settings.warm} s, in ${seconds(wait)}`
  }
  if (needs.latency > 0) {
    return `${requests}; ${shown}; ${about(needs.latency)} more as fast as the baseline's would prove p95 below ${ratio(next.latencyRatio)} times the baseline's`
  }
  const left = settings.minDwell - state.weightSeconds
  return `${requests}; ${shown}; ${seconds(left)} more at weight ${rate(state.weight)} at least`
}

function alone(state: JudgeState): string {
  const { requests, errors } = state.tally.canary
  return `${count(errors)} of ${count(requests)} canary requests failed; nothing to compare them with${oneSided(state)}`
}

function about(requests: number): string {
  return Number.isFinite(requests) ? `about ${count(requests)}` : 'more than a million'
}

function plan(state: JudgeState): string {
  const { settings, passed, history } = state
  const rps = usualRps(history)
  const errorRate = usualErrorRate(history)
  const left = settings.next.slice(passed)
  return left
    .map((to, i) => {
      const weight = i === 0 ? state.weight : left[i - 1]!.weight
      const { margin } = to
      const { beta, minDwell } = settings
      const time =
        rps === null || weight >= 1
          ? Infinity
          : Math.max(minDwell, stepSeconds({ rps, errorRate, weight, margin, beta }))
      return announceStep({ weight, to, seconds: Number.isFinite(time) ? time : null })
    })
    .join('; ')
}

/** What cannot be measured must be said. */
function guardNote({ dispersion, settings }: JudgeState): string {
  if (dispersion.replicas >= 2) return ''
  const { phi } = settings
  const used =
    phi === undefined
      ? 'taken as independent'
      : `divided by ${ratio(phi.errors)} and ${ratio(phi.latency)} from earlier rollouts`
  return `; with one baseline instance correlation of requests cannot be measured: ${used}`
}
