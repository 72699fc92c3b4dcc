import { countOf } from '../buckets.ts'
import { phiOf } from './dispersion.ts'
import { recentLatency, usualErrorRate } from './history.ts'
import { ERROR_SAFETY_EXPERTS, latencySafety, type Safety } from './safety.ts'
import type { Standing } from './standing.ts'
import type { JudgeState } from './state.ts'

export type Need = {
  /** Canary requests; 0: shown already; Infinity: more than a million. */
  readonly errors: number
  /** The same; `too-young`: no canary instance is old enough for its latency to count. */
  readonly latency: number | 'too-young'
}

const MOST = 1 << 20

/** About how many more canary requests would suffice for the next step, if none fails and none is slower than usual. */
export function moreRequests(state: JudgeState, { metrics }: Standing): Need {
  const enough = 1 / state.settings.beta
  const lacking = metrics.filter(({ safety }) => safety !== null && safety < enough)
  const lacks = (name: string) => lacking.some(({ metric }) => metric === name)
  return {
    errors: lacks('errors') ? forErrors(state, enough) : 0,
    latency: lacks('latency') ? forLatency(state, enough) : 0,
  }
}

function forErrors(state: JudgeState, enough: number): number {
  const { passed, settings, history, weight } = state
  const { margin } = settings.next[passed]!
  const usual = usualErrorRate(history)
  const ratio = weight / (1 - weight)
  const phi = phiOf(state.dispersion, settings.phi).errors
  const growth = ERROR_SAFETY_EXPERTS.map(
    (e) => ((usual / ratio) * Math.log(1 + ratio * (1 - e)) + margin * (1 - e)) / phi,
  )
  return requestsUntil(state.errors.safety[passed]!, growth, enough)
}

function forLatency(state: JudgeState, enough: number): number | 'too-young' {
  const { passed, settings, history, weight } = state
  if ((state.oldestCanary ?? 0) < settings.warm) return 'too-young'
  const usual = recentLatency(history)
  const inUsual = countOf(usual)
  if (inUsual === 0) return Infinity
  const arms = {
    canary: usual.map((requests) => requests / inUsual),
    baseline: usual.map((requests) => (requests / inUsual) * ((1 - weight) / weight)),
  }
  const phi = phiOf(state.dispersion, settings.phi).latency
  const growth = latencySafety(arms, usual, settings.next[passed]!.latencyRatio)
  return requestsUntil(
    state.latency.safety[passed]!,
    growth.map((g) => g / phi),
    enough,
  )
}

/** The least n with Σ part·exp(n·growth) ≥ enough, by doubling and halving. */
function requestsUntil(safety: Safety, growth: readonly number[], enough: number): number {
  const reached = (n: number) =>
    safety.reduce((sum, part, i) => sum + part * Math.exp(Math.min(600, n * growth[i]!)), 0) >=
    enough
  let high = 1
  while (!reached(high)) {
    high *= 2
    if (high > MOST) return Infinity
  }
  let low = high / 2
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (reached(middle)) high = middle
    else low = middle
  }
  return high
}
