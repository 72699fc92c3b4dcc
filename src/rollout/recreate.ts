import type { Decision, Instant, Observed, RolloutSpec } from './rollout.ts'
import { lacking, stay, waitingForReady } from './stay.ts'
import { openStep } from './step-record.ts'
import { startSwitch } from './switch-over.ts'

/**
 * Stops whatever runs, then starts the new version: for what cannot run twice. Its gap is in the
 * record. It takes a first deployment too, since one that was given up may still be ending.
 */
export function recreate(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  const left = seen.stable.total + seen.stable.draining + seen.others
  if (left > 0 && !seen.status.paused) {
    const steps = openStep(
      seen.status.steps,
      { name: 'stop the old version', weight: 0, verdict: null },
      now,
    )
    const reason = `${left} instances of the old version are still running`
    return stay(seen, now, {
      status: { phase: 'progressing', reason, steps, lackingSince: null },
      actions: [{ kind: 'scale', counts: {} }],
    })
  }
  if (left > 0) {
    const reason = seen.status.paused?.reason ?? 'paused'
    return stay(seen, now, { status: { reason, lackingSince: null }, actions: [] })
  }
  if (seen.candidate.ready >= spec.replicas) return startSwitch(spec, seen, now)
  const steps = openStep(
    seen.status.steps,
    { name: 'start the new version', weight: 0, verdict: null },
    now,
  )
  return stay(seen, now, {
    status: {
      phase: 'progressing',
      reason: waitingForReady(seen, spec.replicas),
      steps,
      lackingSince: lacking(seen, spec.replicas, now),
    },
    actions: [{ kind: 'scale', counts: { [spec.candidate]: spec.replicas } }],
  })
}
