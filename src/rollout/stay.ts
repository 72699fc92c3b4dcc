import type { Action, Decision, Instant, Observed, RolloutStatus } from './rollout.ts'

/** How soon a rollout is looked at again while nothing reports a change. */
export const LOOK_AGAIN_MS = 500

/** Goes on: the next status, its goals, and another look soon. A phase that changes begins now. */
export function stay(
  seen: Observed,
  now: Instant,
  next: { readonly status: Partial<RolloutStatus>; readonly actions: readonly Action[] },
): Decision {
  const phase = next.status.phase ?? seen.status.phase
  const since = phase === seen.status.phase ? seen.status.since : now
  return {
    status: { ...seen.status, ...next.status, phase, since },
    actions: next.actions,
    wakeAt: now + LOOK_AGAIN_MS,
  }
}

/** Since when the candidate lacks instances: kept while it does, null as soon as it has enough. */
export function lacking(seen: Observed, needed: number, now: Instant): Instant | null {
  if (seen.candidate.ready >= needed) return null
  return seen.status.lackingSince ?? now
}

/** `2 of 3 instances of the new version are ready: connection refused`. */
export function waitingForReady(seen: Observed, needed: number): string {
  const why = seen.candidate.reason ? `: ${seen.candidate.reason}` : ''
  return `${seen.candidate.ready} of ${needed} instances of the new version are ready${why}`
}
