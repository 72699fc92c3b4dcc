import type { CanaryStep } from '../config/index.ts'
import type { Split } from '../traffic/index.ts'
import { isInconclusive, resolve } from './inconclusive.ts'
import type { Decision, Instant, Observed, RolloutSpec, RolloutStatus } from './rollout.ts'
import { all, isInForce, share } from './split.ts'
import { lacking, stay, waitingForReady } from './stay.ts'
import { closeStep, openStep } from './step-record.ts'
import { startSwitch } from './switch-over.ts'

/** Step by step: capacity first, then the split, then the evidence; stable keeps full capacity throughout. */
export function canary(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  const steps = stepsOf(spec)
  const step = steps[seen.status.step]
  if (step === undefined || (step.kind === 'weight' && step.weight >= 100)) {
    return startSwitch(spec, seen, now)
  }
  const needed = capacity(spec, weightAt(steps, seen.status.step))
  // Never fewer than there are: after a crash they may carry a later step's traffic already.
  const kept = Math.max(needed, Math.min(spec.replicas, seen.candidate.total))
  const split = splitAt(spec, steps, seen.status.step)
  const isReady = seen.candidate.ready >= needed
  const inForce = isReady && isInForce(split, seen.split)
  const since = seen.status.stepSince ?? (inForce ? now : null)
  const entered = enter(seen, step, { now, isNew: seen.status.stepSince === null && inForce })

  if (isInconclusive(seen)) {
    return resolve(spec, { ...seen, status: entered }, { now, goOn: canary })
  }
  if (
    inForce &&
    since !== null &&
    entered.paused === null &&
    isDone(spec, { ...seen, status: entered }, { since, now })
  ) {
    return canary(spec, advance(seen, entered, now), now)
  }
  return stay(seen, now, {
    status: {
      ...entered,
      phase: 'progressing',
      stepSince: since,
      lackingSince: lacking(seen, needed, now),
      reason: reasonOf(seen, entered, needed),
      steps: openStep(
        entered.steps,
        { name: nameOf(step), weight: weightAt(steps, entered.step), verdict: null },
        now,
      ),
    },
    actions: [
      { kind: 'scale', counts: { [spec.stable!]: spec.replicas, [spec.candidate]: kept } },
      ...(isReady ? [{ kind: 'split' as const, split }] : []),
    ],
  })
}

/**
 * The weights in percent that the judge is asked about, in order; the first is entered without
 * evidence. Of a shadow it is the copies' share in all that both versions answer, half at most.
 */
export function judgedWeights(strategy: RolloutSpec['strategy']): readonly number[] {
  if (strategy.kind === 'shadow') return [(100 * strategy.percent) / (100 + strategy.percent), 100]
  if (strategy.kind !== 'canary') return []
  return strategy.steps.flatMap((step) => (step.kind === 'weight' ? [step.weight] : []))
}

/** Instances that a weight needs: its share of the replicas, never none. */
export function capacity(spec: RolloutSpec, weight: number): number {
  return Math.min(spec.replicas, Math.max(1, Math.ceil((spec.replicas * weight) / 100)))
}

function stepsOf(spec: RolloutSpec): readonly CanaryStep[] {
  if (spec.strategy.kind !== 'canary') throw new Error(`${spec.id} is no canary`)
  return spec.strategy.steps
}

function weightAt(steps: readonly CanaryStep[], index: number): number {
  for (let i = index; i >= 0; i--) {
    const step = steps[i]
    if (step?.kind === 'weight') return step.weight
  }
  return 0
}

function splitAt(spec: RolloutSpec, steps: readonly CanaryStep[], index: number): Split {
  const stable = spec.stable!
  const weight = weightAt(steps, index)
  const split = weight === 0 ? all(stable) : share(stable, spec.candidate, weight)
  const header = steps.slice(0, index + 1).findLast((step) => step.kind === 'header')
  if (header?.kind !== 'header') return split
  return { ...split, header: { name: header.name, value: header.value, revision: spec.candidate } }
}

/** A pause without an end is a pause by the strategy: a person's `resume` ends it. */
function enter(
  seen: Observed,
  step: CanaryStep,
  at: { readonly now: Instant; readonly isNew: boolean },
): RolloutStatus {
  if (!at.isNew || step.kind !== 'pause' || step.seconds !== null) return seen.status
  const paused = { by: 'slipway', at: at.now, reason: 'the strategy waits for a person to resume' }
  return { ...seen.status, paused }
}

function isDone(
  spec: RolloutSpec,
  seen: Observed,
  at: { readonly since: Instant; readonly now: Instant },
): boolean {
  const steps = stepsOf(spec)
  const step = steps[seen.status.step]
  if (step?.kind === 'pause')
    return step.seconds === null || at.now - at.since >= step.seconds * 1000
  if (step?.kind === 'header') return true
  const next = steps.slice(seen.status.step + 1).find((later) => later.kind === 'weight')
  return next?.kind !== 'weight' || seen.status.allowed >= next.weight - 1e-9
}

function advance(seen: Observed, status: RolloutStatus, now: Instant): Observed {
  // The verdict that ended the step stays in its record.
  const steps = closeStep(status.steps, seen.verdict, now)
  const step = status.step + 1
  return { ...seen, status: { ...status, step, stepSince: null, lackingSince: null, steps } }
}

function reasonOf(seen: Observed, status: RolloutStatus, needed: number): string {
  if (seen.candidate.ready < needed) return waitingForReady(seen, needed)
  return status.paused?.reason ?? seen.verdict?.reason ?? 'waiting for the first requests'
}

function nameOf(step: CanaryStep): string {
  switch (step.kind) {
    case 'weight':
      return `${step.weight} %`
    case 'header':
      return `header ${step.name}: ${step.value}`
    case 'pause':
      return step.seconds === null ? 'pause' : `pause ${step.seconds} s`
  }
}
