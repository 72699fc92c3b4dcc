import type { Split } from '../traffic/index.ts'
import { leastReady } from './rolling.ts'
import type { Decision, Instant, Observed, Rollback, RolloutSpec } from './rollout.ts'
import { settle } from './settle.ts'
import { all, isInForce, share } from './split.ts'
import { stay } from './stay.ts'
import { openStep } from './step-record.ts'

/** Turns round, in this very decision: the first action already gives stable its traffic back. */
export function goBack(spec: RolloutSpec, seen: Observed, rollback: Rollback): Decision {
  const now = rollback.at
  if (spec.stable === null) {
    const outcome = rollback.cause === 'superseded' ? 'superseded' : 'failed'
    return settle(seen, { now, outcome, reason: rollback.reason })
  }
  const steps = openStep(
    seen.status.steps,
    { name: 'rollback', weight: 0, verdict: seen.verdict },
    now,
  )
  const status = {
    ...seen.status,
    phase: 'rolling-back' as const,
    since: now,
    stepSince: null,
    lackingSince: null,
    paused: null,
    rollback,
    reason: rollback.reason,
    steps,
  }
  return rollBack(spec, { ...seen, status }, now)
}

/**
 * The path back: never the steps in reverse. Traffic first, then the environment repo, and the
 * candidate's instances last, so that none is stopped while requests may still be sent to it.
 */
export function rollBack(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  const { rollback } = seen.status
  if (spec.stable === null || rollback === null)
    throw new Error(`${spec.id} has nothing to go back to`)
  const home = all(spec.stable)
  const isHome = isInForce(home, seen.split)
  const rejects = rollback.cause !== 'superseded' && seen.wanted === spec.candidate
  if (isHome && !rejects && (seen.stable.ready > 0 || spec.strategy.kind !== 'recreate')) {
    const outcome = rollback.cause === 'superseded' ? 'superseded' : 'rolled-back'
    return settle(seen, { now, outcome, reason: rollback.reason })
  }
  const split = wayHome(spec, seen)
  return stay(seen, now, {
    status: {},
    actions: [
      ...(split ? [{ kind: 'split' as const, split }] : []),
      ...(rejects ? [{ kind: 'reject' as const, reason: rollback.reason }] : []),
      { kind: 'scale', counts: counts(spec, seen, isHome) },
    ],
  })
}

/**
 * All to stable as soon as stable can carry it. After a rolling update has already stopped some of
 * stable, ready instances of both share until enough have come back.
 */
function wayHome(spec: RolloutSpec, seen: Observed): Split | null {
  const stable = spec.stable!
  const { ready } = seen.stable
  if (ready === 0) return null
  const needed = spec.strategy.kind === 'rolling' ? Math.max(1, leastReady(spec)) : 1
  if (ready >= needed) return all(stable)
  const weight = Math.round((1000 * seen.candidate.ready) / (ready + seen.candidate.ready)) / 10
  return share(stable, spec.candidate, weight)
}

function counts(spec: RolloutSpec, seen: Observed, isHome: boolean): Record<string, number> {
  const stable = spec.stable!
  if (spec.strategy.kind === 'recreate') {
    const left = seen.candidate.total + seen.candidate.draining + seen.others
    return left === 0 ? { [stable]: spec.replicas } : {}
  }
  const kept = isHome ? 0 : seen.candidate.total
  return { [stable]: spec.replicas, [spec.candidate]: kept }
}
