import { type Block, type BlockCounts, extend, guarded, openBlock } from './block.ts'
import { errorGuard } from './error-experts.ts'
import { rememberErrors } from './history.ts'
import { createWealth, pay, type Wealth, wealthOf } from './wealth.ts'

/** Evidence that the canary exceeds an absolute limit: a share of requests that may be bad. */
export type ObjectiveState = {
  open: Block | null
  wealth: Wealth
  /** Decayed counts of bad requests. */
  usual: BlockCounts
}

const OBJECTIVE_EXPERTS = [1.5, 2.2, 3.5, 6, 12, 40] as const
const LEAST_REQUESTS = 10
/** Wealth from which the limit counts as exceeded, as for holding. */
const BREACH = 10

export function createObjective(): ObjectiveState {
  return {
    open: null,
    wealth: createWealth(OBJECTIVE_EXPERTS.length),
    usual: { canaryRequests: 0, canaryErrors: 0, baselineRequests: 0, baselineErrors: 0 },
  }
}

/** Log evidence, by expert, that more than `limit` of the canary's requests are bad. */
export function objectiveEvidence(block: BlockCounts, limit: number): number[] {
  return OBJECTIVE_EXPERTS.map(
    (w) => block.canaryErrors * Math.log(w) - block.canaryRequests * limit * (w - 1),
  )
}

/**
 * Takes one tick; `errors` of the counts are the bad requests. True: a block closed.
 * @param limit highest share that may be bad, 0..1
 * @param kappa cap for failures that come together; null: none (latency)
 */
export function takeObjective(
  objective: ObjectiveState,
  tick: { readonly seconds: number; readonly counts: BlockCounts },
  rule: { readonly limit: number; readonly phi: number; readonly kappa: number | null },
): boolean {
  objective.open ??= openBlock(rule.phi)
  const block = objective.open
  extend(block, tick.seconds, tick.counts)
  if (block.canaryRequests < 1) return false
  if (block.canaryRequests + block.baselineRequests < LEAST_REQUESTS) return false
  const guard =
    rule.kappa === null
      ? block.phi
      : errorGuard({
          phi: block.phi,
          errors: block.canaryErrors,
          requests: block.canaryRequests,
          ticks: block.ticks,
          usualErrorRate: Math.max(rule.limit, rates(objective).baseline ?? 0),
          kappa: rule.kappa,
        })
  const evidence = guarded(objectiveEvidence(block, rule.limit), guard, block.ticks)
  pay(objective.wealth, evidence, block.seconds)
  rememberErrors(objective.usual, block, block.seconds)
  objective.open = null
  return true
}

/** Whether the canary is over the limit now: shown by the evidence, and still so of late. */
export function isBreached(objective: ObjectiveState, limit: number): boolean {
  return wealthOf(objective.wealth) >= BREACH && isOver(objective, limit, 'canary')
}

/** Whether an arm's decayed share of bad requests is over the limit. */
export function isOver(
  objective: ObjectiveState,
  limit: number,
  arm: 'canary' | 'baseline',
): boolean {
  return (rates(objective)[arm] ?? 0) > limit
}

function rates({ usual }: ObjectiveState): {
  readonly canary: number | null
  readonly baseline: number | null
} {
  const rate = (errors: number, requests: number) => (requests > 0 ? errors / requests : null)
  return {
    canary: rate(usual.canaryErrors, usual.canaryRequests),
    baseline: rate(usual.baselineErrors, usual.baselineRequests),
  }
}
