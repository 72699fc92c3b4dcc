import { goBack } from './roll-back.ts'
import type { Decision, Instant, Observed, RolloutSpec } from './rollout.ts'
import { all } from './split.ts'
import { lacking, stay, waitingForReady } from './stay.ts'
import { openStep } from './step-record.ts'
import { startSwitch } from './switch-over.ts'

/** Green comes up whole behind the preview address, is checked there, and takes all traffic at once. */
export function blueGreen(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  const stable = spec.stable!
  const { status, checks } = seen
  if (spec.checked && checks?.status === 'failed') {
    return goBack(spec, seen, {
      cause: 'checks',
      reason: `the preview's checks failed: ${checks.reason}`,
      by: 'slipway',
      at: now,
    })
  }
  const isReady = seen.candidate.ready >= spec.replicas
  const isChecked = !spec.checked || checks?.status === 'passed'
  if (isReady && status.paused === null && (isChecked || status.allowed >= 100)) {
    return startSwitch(spec, seen, now)
  }
  const waiting = isReady
    ? (checks?.reason ?? 'the preview is being checked')
    : waitingForReady(seen, spec.replicas)
  return stay(seen, now, {
    status: {
      phase: 'progressing',
      lackingSince: lacking(seen, spec.replicas, now),
      reason: status.paused?.reason ?? waiting,
      steps: openStep(status.steps, { name: 'preview', weight: 0, verdict: null }, now),
    },
    actions: [
      { kind: 'scale', counts: { [stable]: spec.replicas, [spec.candidate]: spec.replicas } },
      { kind: 'split', split: { ...all(stable), preview: spec.candidate } },
      ...(isReady && spec.checked && checks === null ? [{ kind: 'check' as const }] : []),
    ],
  })
}
