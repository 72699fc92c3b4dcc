import type { Decision, Instant, Observed, RolloutSpec } from './rollout.ts'
import { settle } from './settle.ts'
import { all, isInForce } from './split.ts'
import { lacking, stay, waitingForReady } from './stay.ts'
import { openStep } from './step-record.ts'

/** A first deployment: there is no traffic to split, only capacity to wait for. */
export function prepareFirst(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  const scale = { kind: 'scale' as const, counts: { [spec.candidate]: spec.replicas } }
  if (seen.candidate.ready >= spec.replicas) return startSwitch(spec, seen, now)
  const status = {
    lackingSince: lacking(seen, spec.replicas, now),
    reason: waitingForReady(seen, spec.replicas),
  }
  return stay(seen, now, { status, actions: [scale] })
}

/** Full capacity is there: ask for all traffic. */
export function startSwitch(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  const steps = openStep(
    seen.status.steps,
    { name: '100 %', weight: 100, verdict: seen.verdict },
    now,
  )
  const status = {
    ...seen.status,
    phase: 'switching' as const,
    since: now,
    stepSince: null,
    allowed: 0,
    steps,
  }
  return switchOver(spec, { ...seen, status }, now)
}

/** Waits until the candidate has full capacity and all traffic; only then may stable go. */
export function switchOver(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  const split = all(spec.candidate)
  const isReady = seen.candidate.ready >= spec.replicas
  if (isReady && isInForce(split, seen.split)) return afterSwitch(spec, seen, now)
  const status = {
    lackingSince: lacking(seen, spec.replicas, now),
    reason: isReady
      ? 'waiting for the switch to be in force'
      : waitingForReady(seen, spec.replicas),
  }
  const scale = { kind: 'scale' as const, counts: both(spec) }
  return stay(seen, now, { status, actions: isReady ? [scale, { kind: 'split', split }] : [scale] })
}

function afterSwitch(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  if (
    spec.strategy.kind === 'blue-green' &&
    spec.stable !== null &&
    spec.strategy.holdSeconds > 0
  ) {
    const steps = openStep(
      seen.status.steps,
      { name: 'hold', weight: 100, verdict: seen.verdict },
      now,
    )
    const status = {
      ...seen.status,
      phase: 'holding' as const,
      since: now,
      stepSince: now,
      lackingSince: null,
      steps,
    }
    return hold(spec, { ...seen, status }, now)
  }
  return settle(seen, { now, outcome: 'promoted', reason: 'the new version has all traffic' })
}

/** Blue stays ready to take the traffic back, until the rollback window is over. */
export function hold(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  const holdSeconds = spec.strategy.kind === 'blue-green' ? spec.strategy.holdSeconds : 0
  const { stepSince, paused, allowed } = seen.status
  const until = (stepSince ?? now) + holdSeconds * 1000
  // Nothing is judged here: `allowed` is 100 only when a person promotes, and that ends the hold.
  const inForce = isInForce(all(spec.candidate), seen.split)
  if (inForce && paused === null && (now >= until || allowed >= 100)) {
    return settle(seen, { now, outcome: 'promoted', reason: 'the rollback window is over' })
  }
  const seconds = Math.max(0, Math.ceil((until - now) / 1000))
  const reason = paused?.reason ?? `the version before is kept ready for ${seconds} s more`
  return stay(seen, now, {
    status: { reason, lackingSince: lacking(seen, spec.replicas, now) },
    actions: [
      { kind: 'scale', counts: both(spec) },
      { kind: 'split', split: all(spec.candidate) },
    ],
  })
}

function both(spec: RolloutSpec): Record<string, number> {
  const candidate = { [spec.candidate]: spec.replicas }
  // A rolling update has emptied stable by now, and a recreate never runs both.
  const alone = spec.strategy.kind === 'rolling' || spec.strategy.kind === 'recreate'
  return spec.stable === null || alone ? candidate : { [spec.stable]: spec.replicas, ...candidate }
}
