import { goBack } from './roll-back.ts'
import type { Decision, Instant, Observed, RolloutSpec } from './rollout.ts'

/** The judge ran out of time on this step, and nobody has answered it yet. */
export function isInconclusive(seen: Observed): boolean {
  const { paused, allowed } = seen.status
  return seen.verdict?.kind === 'inconclusive' && paused === null && allowed < 100
}

/** No evidence is never a pass by itself: the policy says who answers instead of the judge. */
export function resolve(
  spec: RolloutSpec,
  seen: Observed,
  how: {
    readonly now: Instant
    readonly goOn: (spec: RolloutSpec, seen: Observed, now: Instant) => Decision
  },
): Decision {
  const { now, goOn } = how
  const reason = seen.verdict?.reason ?? 'inconclusive'
  if (spec.inconclusive === 'rollback') {
    return goBack(spec, seen, { cause: 'inconclusive', reason, by: 'slipway', at: now })
  }
  if (spec.inconclusive === 'promote') {
    return goOn(spec, { ...seen, status: { ...seen.status, allowed: 100 } }, now)
  }
  const paused = { by: 'slipway', at: now, reason: `${reason}; promote it or roll it back` }
  return goOn(spec, { ...seen, status: { ...seen.status, paused } }, now)
}
