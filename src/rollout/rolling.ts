import type { Decision, Instant, Observed, RolloutSpec } from './rollout.ts'
import { settle } from './settle.ts'
import { all, isInForce, share } from './split.ts'
import { stay, waitingForReady } from './stay.ts'
import { openStep } from './step-record.ts'

/** Instance by instance: up to maxSurge more than the replicas, never fewer ready than promised. */
export function rolling(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  const { replicas } = spec
  const stable = spec.stable!
  const { ready } = seen.candidate
  const split = all(spec.candidate)
  if (ready >= replicas && isInForce(split, seen.split)) {
    return settle(seen, {
      now,
      outcome: 'promoted',
      reason: 'the new version has all traffic',
    })
  }
  const goal = seen.status.paused ? seenCounts(seen) : nextCounts(spec, seen)
  const asked = ready >= replicas ? split : byReady(spec, seen, goal.stable)
  // Old instances go only once their share is seen to have left them.
  const stays = isInForce(asked, seen.split)
    ? goal.stable
    : Math.max(goal.stable, seen.stable.total)
  const name = `${ready} of ${replicas}`
  const weight = Math.round((100 * ready) / replicas)
  return stay(seen, now, {
    status: {
      phase: 'progressing',
      lackingSince: seen.status.paused ? null : waitingSince(seen, name, now),
      reason: seen.status.paused?.reason ?? waitingForReady(seen, replicas),
      steps: openStep(seen.status.steps, { name, weight, verdict: null }, now),
    },
    actions: [
      { kind: 'split', split: asked },
      { kind: 'scale', counts: { [stable]: stays, [spec.candidate]: goal.candidate } },
    ],
  })
}

/** The deadline is for each instance: it starts anew whenever one more is ready. */
function waitingSince(seen: Observed, name: string, now: Instant): Instant {
  const isSameStep = seen.status.steps.at(-1)?.name === name
  return isSameStep ? (seen.status.lackingSince ?? now) : now
}

/** Fewest ready instances that a rolling update promises. */
export function leastReady(spec: RolloutSpec): number {
  return spec.replicas - limits(spec).maxUnavailable
}

/**
 * maxSurge and maxUnavailable as counts: a share rounds up for surge and down for unavailable,
 * and both zero would never move, so surge is then 1 (as in Kubernetes' Deployment).
 */
export function limits(spec: RolloutSpec): { maxSurge: number; maxUnavailable: number } {
  if (spec.strategy.kind !== 'rolling') return { maxSurge: spec.replicas, maxUnavailable: 0 }
  const surge = count(spec.strategy.maxSurge, spec.replicas, Math.ceil)
  const maxUnavailable = Math.min(
    count(spec.strategy.maxUnavailable, spec.replicas, Math.floor),
    spec.replicas,
  )
  return { maxSurge: surge === 0 && maxUnavailable === 0 ? 1 : surge, maxUnavailable }
}

function count(value: number | string, replicas: number, round: (x: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseFloat(value) / 100) * replicas)
}

type Counts = { readonly stable: number; readonly candidate: number }

function seenCounts(seen: Observed): Counts {
  return { stable: seen.stable.total, candidate: seen.candidate.total }
}

function nextCounts(spec: RolloutSpec, seen: Observed): Counts {
  const { replicas } = spec
  const { maxSurge, maxUnavailable } = limits(spec)
  const needed = replicas - maxUnavailable - seen.candidate.ready
  const stable = Math.min(replicas, Math.max(0, needed))
  const room = replicas + maxSurge - Math.max(stable, seen.stable.total)
  const candidate = Math.min(replicas, Math.max(room, seen.candidate.total))
  return { stable, candidate }
}

/** Each ready instance gets an equal share; those of stable that are about to go count no more. */
function byReady(spec: RolloutSpec, seen: Observed, stableGoal: number) {
  const stable = Math.min(seen.stable.ready, stableGoal)
  const total = stable + seen.candidate.ready
  const weight = total === 0 ? 0 : Math.round((1000 * seen.candidate.ready) / total) / 10
  return share(spec.stable!, spec.candidate, weight)
}
