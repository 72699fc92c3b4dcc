import type { Decision, Instant, Observed, Outcome } from './rollout.ts'
import { closeStep } from './step-record.ts'

/**
 * Ends the rollout. It asks for nothing: what must go may only go once the end is saved, or a
 * controller that died in between could turn back to instances that are stopped already. Removing
 * them is the steady state's, which asks for the version that serves and nothing else.
 */
export function settle(
  seen: Observed,
  end: { readonly now: Instant; readonly outcome: Outcome; readonly reason: string },
): Decision {
  const { now, outcome, reason } = end
  return {
    status: {
      ...seen.status,
      phase: 'settled',
      since: now,
      lackingSince: null,
      paused: null,
      outcome,
      reason,
      steps: closeStep(seen.status.steps, seen.verdict, now),
    },
    actions: [],
    wakeAt: null,
  }
}
