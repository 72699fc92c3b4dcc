import { addBuckets, countOf, emptyBuckets } from '../buckets.ts'
import type { JudgeSettings, NextStep } from '../judge-settings.ts'
import { guarded } from './block.ts'
import { type History, recentLatency, rememberLatency } from './history.ts'
import { faster, LATENCY_EXPERTS, latencyEvidence } from './latency-experts.ts'
import { createRise, type Rise, restartAtLow } from './rise.ts'
import {
  createSafety,
  LATENCY_SAFETY_EXPERTS,
  latencySafety,
  type Safety,
  strengthen,
} from './safety.ts'
import type { LatencySample } from './sample.ts'
import { createWealth, pay, type Wealth, wealthOf } from './wealth.ts'

export type LatencyMetric = {
  open: LatencyBlock | null
  wealth: Wealth
  /** One for each entry of `next`. */
  safety: Safety[]
  rise: Rise
}

type LatencyBlock = {
  seconds: number
  ticks: number
  phi: number
  canary: number[]
  baseline: number[]
}

const LEAST_REQUESTS = 20

export function createLatencyMetric(next: readonly NextStep[]): LatencyMetric {
  return {
    open: null,
    wealth: createWealth(LATENCY_EXPERTS),
    safety: next.map(() => createSafety(LATENCY_SAFETY_EXPERTS)),
    rise: createRise(),
  }
}

/** Takes one tick; the history learns of a block after the block was judged. True: a block closed. */
export function takeLatency(
  metric: LatencyMetric,
  { seconds, sample }: { seconds: number; sample: LatencySample },
  { history, phi, settings }: { history: History; phi: number; settings: JudgeSettings },
): boolean {
  metric.open ??= {
    seconds: 0,
    ticks: 0,
    phi,
    canary: emptyBuckets(),
    baseline: emptyBuckets(),
  }
  const block = metric.open
  block.seconds += seconds
  block.ticks += 1
  addBuckets(block.canary, sample.canary)
  addBuckets(block.baseline, sample.baseline)
  if (!isFull(block)) return false
  if (countOf(history.latency.baseline) > 0) weigh(metric, block, { history, settings })
  rememberLatency(history, block, block.seconds)
  metric.rise = restartAtLow(metric.rise, wealthOf(metric.wealth))
  metric.open = null
  return true
}

function weigh(
  metric: LatencyMetric,
  block: LatencyBlock,
  { history, settings }: { history: History; settings: JudgeSettings },
): void {
  const usual = history.latency.baseline
  const recent = recentLatency(history)
  const judged = faster(block.canary, settings.tolerance?.latencyRatio ?? 1)
  const evidence = latencyEvidence(judged, block.baseline, usual)
  pay(metric.wealth, guarded(evidence, block.phi, block.ticks), block.seconds)
  for (const [i, safety] of metric.safety.entries()) {
    const within = latencySafety(block, recent, settings.next[i]!.latencyRatio)
    strengthen(safety, guarded(within, block.phi, block.ticks))
  }
}

function isFull(block: LatencyBlock): boolean {
  const canary = countOf(block.canary)
  const baseline = countOf(block.baseline)
  return canary >= 1 && baseline >= 1 && canary + baseline >= LEAST_REQUESTS
}
