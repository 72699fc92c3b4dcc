import type { Verdict } from '../analysis/index.ts'
import type { Instant, StepRecord } from './rollout.ts'

/** Ends the step that is being taken, if any, and begins another. The same name again changes nothing. */
export function openStep(
  steps: readonly StepRecord[],
  step: { readonly name: string; readonly weight: number; readonly verdict: Verdict | null },
  now: Instant,
): readonly StepRecord[] {
  const last = steps.at(-1)
  if (last?.endedAt === null && last.name === step.name) return steps
  const opened = {
    name: step.name,
    weight: step.weight,
    startedAt: now,
    endedAt: null,
    verdict: null,
  }
  return [...closeStep(steps, step.verdict, now), opened]
}

/** Ends the step that is being taken with the evidence on which it is left. */
export function closeStep(
  steps: readonly StepRecord[],
  verdict: Verdict | null,
  now: Instant,
): readonly StepRecord[] {
  const last = steps.at(-1)
  if (!last || last.endedAt !== null) return steps
  return [...steps.slice(0, -1), { ...last, endedAt: now, verdict }]
}
