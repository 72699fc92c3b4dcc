import { isInconclusive, resolve } from './inconclusive.ts'
import type { Decision, Instant, Observed, RolloutSpec } from './rollout.ts'
import { all, isInForce } from './split.ts'
import { lacking, stay, waitingForReady } from './stay.ts'
import { openStep } from './step-record.ts'
import { startSwitch } from './switch-over.ts'

/**
 * The candidate answers copies of real requests and nobody sees its answers. It takes over when the
 * time is over and the judge found the copies' answers no worse: no evidence is never a pass.
 */
export function shadow(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  if (spec.strategy.kind !== 'shadow') throw new Error(`${spec.id} is no shadow rollout`)
  const { percent, seconds } = spec.strategy
  const { status } = seen
  const stable = spec.stable!
  const split = { ...all(stable), mirror: { revision: spec.candidate, percent } }
  const isReady = seen.candidate.ready >= spec.replicas
  const inForce = isReady && isInForce(split, seen.split)
  const stepSince = inForce ? (status.stepSince ?? now) : status.stepSince
  if (isInconclusive(seen)) return resolve(spec, seen, { now, goOn: shadow })
  const isOver = stepSince !== null && now - stepSince >= seconds * 1000
  if (isOver && status.allowed >= 100 && status.paused === null) return startSwitch(spec, seen, now)
  const mirroring = seen.verdict?.reason ?? 'waiting for the first mirrored requests'
  return stay(seen, now, {
    status: {
      phase: 'progressing',
      stepSince,
      lackingSince: lacking(seen, spec.replicas, now),
      reason: status.paused?.reason ?? (isReady ? mirroring : waitingForReady(seen, spec.replicas)),
      steps: openStep(status.steps, { name: `mirror ${percent} %`, weight: 0, verdict: null }, now),
    },
    actions: [
      { kind: 'scale', counts: { [stable]: spec.replicas, [spec.candidate]: spec.replicas } },
      ...(isReady ? [{ kind: 'split' as const, split }] : []),
    ],
  })
}
