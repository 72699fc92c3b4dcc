import { countOf, quantileMs } from '../buckets.ts'
import { count, ms, rate, seconds } from '../numbers.ts'
import type { Metric } from './standing.ts'
import type { JudgeState } from './state.ts'
import type { ArmTally, Tally } from './tally.ts'

/** What the canary does worse than the baseline, over the seconds since that began. */
export function harm(state: JudgeState, metric: Metric): string {
  if (state.alone) return `objective breached: ${failures(state.tally)}${oneSided(state)}`
  const { tally } = state[metric].rise
  return metric === 'errors' ? moreErrors(tally) : slower(tally)
}

/** `11 of 420 canary requests failed, 40 of 8,000 of the baseline's`. */
export function failures({ canary, baseline }: Tally): string {
  return `${count(canary.errors)} of ${count(canary.requests)} canary requests failed, ${count(baseline.errors)} of ${count(baseline.requests)} of the baseline's`
}

/** The objectives that stand in for a comparison, where there is nothing to compare with. */
export function oneSided({ settings: { objectives } }: JudgeState): string {
  const { errorRate, p95Ms } = objectives ?? {}
  const kept = [
    ...(errorRate === undefined ? [] : [`error rate at most ${rate(errorRate)}`]),
    ...(p95Ms === undefined ? [] : [`p95 at most ${ms(p95Ms)}`]),
  ]
  return kept.length === 0 ? '; no objective is set' : `; judged by objective: ${kept.join(', ')}`
}

/** Whether one canary instance alone makes the excess: then the node may be bad, not the version. */
export function whereItIs(state: JudgeState, metric: Metric): string {
  if (state.alone) return ''
  const { instances, tally } = state[metric].rise
  if (instances.length < 2) return ''
  const worst = instances.reduce((a, b) => (b.bad > a.bad ? b : a))
  const others = instances.filter((instance) => instance !== worst)
  const requests = others.reduce((sum, instance) => sum + instance.requests, 0)
  const bad = others.reduce((sum, instance) => sum + instance.bad, 0)
  const usual = metric === 'errors' ? rateOf(tally.baseline) : SLOW_SHARE
  if (requests === 0 || bad / requests > usual) return ''
  return `; one of ${instances.length} canary instances alone makes the excess (${count(worst.bad)} of its ${count(worst.requests)} requests): look at where it runs`
}

const SLOW_SHARE = 0.05

function moreErrors({ seconds: time, canary, baseline }: Tally): string {
  return `error rate ${rate(rateOf(canary))} against ${rate(rateOf(baseline))} for the baseline over the same ${seconds(time)} (${of(canary)}, ${of(baseline)} requests)`
}

/** Names the quantile in which the difference is largest. */
function slower({ seconds: time, canary, baseline }: Tally): string {
  const worst = [0.5, 0.95, 0.99]
    .map((share) => ({
      share,
      canary: quantileMs(canary.latency, share) ?? 0,
      baseline: quantileMs(baseline.latency, share) ?? 0,
    }))
    .reduce((a, b) => (b.canary * a.baseline > a.canary * b.baseline ? b : a))
  const inCanary = countOf(canary.latency)
  const inBaseline = countOf(baseline.latency)
  return `p${worst.share * 100} ${ms(worst.canary)} against ${ms(worst.baseline)} for the baseline over the same ${seconds(time)} (${count(inCanary)} and ${count(inBaseline)} requests)`
}

function of({ errors, requests }: ArmTally): string {
  return `${count(errors)} of ${count(requests)}`
}

function rateOf({ errors, requests }: ArmTally): number {
  return requests > 0 ? errors / requests : 0
}
