import type { JudgeSettings, NextStep } from '../judge-settings.ts'
import { type Block, extend, guarded, isFull, openBlock } from './block.ts'
import { ERROR_EXPERTS, errorEvidence, errorGuard } from './error-experts.ts'
import { type History, rememberErrors, usualErrorRate } from './history.ts'
import { createRise, type Rise, restartAtLow } from './rise.ts'
import {
  createSafety,
  ERROR_SAFETY_EXPERTS,
  errorSafety,
  type Safety,
  strengthen,
} from './safety.ts'
import type { Sample } from './sample.ts'
import { createWealth, pay, type Wealth, wealthOf } from './wealth.ts'

export type ErrorMetric = {
  open: Block | null
  wealth: Wealth
  /** One for each entry of `next`. */
  safety: Safety[]
  /** One for each of EXCESS_BOUNDS. */
  bounds: Safety[]
  /** Both arms since the wealth was lowest: where the excess, if any, began. */
  rise: Rise
}

/** Excesses in error rate of which the smallest refuted one is shown. */
export const EXCESS_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08] as const

/** Requests of both arms that a block needs. */
export const LEAST_REQUESTS = 10

export function createErrorMetric(next: readonly NextStep[]): ErrorMetric {
  return {
    open: null,
    wealth: createWealth(ERROR_EXPERTS.length),
    safety: next.map(() => createSafety(ERROR_SAFETY_EXPERTS)),
    bounds: EXCESS_BOUNDS.map(() => createSafety(ERROR_SAFETY_EXPERTS)),
    rise: createRise(),
  }
}

/** Takes one tick; the history learns of a block after the block was judged. True: a block closed. */
export function takeErrors(
  metric: ErrorMetric,
  sample: Sample,
  { history, phi, settings }: { history: History; phi: number; settings: JudgeSettings },
): boolean {
  metric.open ??= openBlock(phi)
  const block = metric.open
  extend(block, sample.seconds, sample.counts)
  if (!isFull(block, LEAST_REQUESTS)) return false
  const guard = errorGuard({
    phi: block.phi,
    errors: block.canaryErrors + block.baselineErrors,
    requests: block.canaryRequests + block.baselineRequests,
    ticks: block.ticks,
    usualErrorRate: usualErrorRate(history),
    kappa: settings.kappa ?? 2,
  })
  const evidence = errorEvidence(block, settings.tolerance)
  pay(metric.wealth, guarded(evidence, guard, block.ticks), block.seconds)
  // The guard's cap depends on how many failed, which this evidence must not: phi alone divides it.
  const strengthenBy = (safety: Safety, margin: number) =>
    strengthen(safety, guarded(errorSafety(block, margin), block.phi, block.ticks))
  for (const [i, safety] of metric.safety.entries()) {
    strengthenBy(safety, settings.next[i]!.margin)
  }
  for (const [i, safety] of metric.bounds.entries()) strengthenBy(safety, EXCESS_BOUNDS[i]!)
  rememberErrors(history.errors, block, block.seconds)
  metric.rise = restartAtLow(metric.rise, wealthOf(metric.wealth))
  metric.open = null
  return true
}
