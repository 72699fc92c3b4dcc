import type { LoadSnapshot } from './load.ts'
import {
  type CommitSummary,
  type RolloutSummary,
  requestsBetween,
  type StepSummary,
  type Summary,
  type VersionRequests,
} from './summary.ts'

/** What became of a commit, for people. */
export function commitText(commit: CommitSummary): string {
  const { name, outcome, built, cached, rollouts, detection, stages } = commit
  const steps = rollouts.filter((rollout) => rollout.steps.some((step) => step.evidence !== null))
  return [
    `  ${outcome === 'promoted' ? '✓ promoted' : '↩ rolled back'}: ${name}`,
    `    built ${list(built)}, cached ${list(cached)}`,
    `    ${stages.map((stage) => `${stage.name} ${stage.seconds} s`).join(' · ')}`,
    ...steps.flatMap(rolloutLines),
    ...(commit.requests.length > 0
      ? [`    customers meanwhile: ${commit.requests.map(versionText).join('; ')}`]
      : []),
    ...(detection
      ? [`    found out after ${detection.seconds} s and ${detection.badRequests} bad requests`]
      : []),
  ].join('\n')
}

/** The whole job: what the client saw, and whether all was as it must be. */
export function summaryText(summary: Summary, load: LoadSnapshot): string {
  const { total, failed, failedByFaultyCanary } = summary.requests
  const other = failed - failedByFaultyCanary
  return [
    `${number(total)} requests in ${Math.round(load.seconds)} s: ${number(failed)} failed, ${number(failedByFaultyCanary)} of them at the faulty canary`,
    ...requestsBetween(null, load).map((one) => `  version ${versionText(one)}`),
    other === 0
      ? `no request failed but those that the faulty canary itself answered (${summary.durationSeconds} s in all)`
      : `${other} requests failed that no faulty canary answered:\n${otherFailures(load)}`,
  ].join('\n')
}

function rolloutLines({ service, environment, steps, verdict }: RolloutSummary): string[] {
  const lines = [`    ${environment}/${service}: ${steps.map(stepText).join(' → ')}`]
  return verdict ? [...lines, `      ${verdict.reason}`] : lines
}

function stepText({ name, seconds, evidence }: StepSummary): string {
  if (evidence === null) return name
  const { canary, baseline } = evidence
  const arm = (one: typeof canary) => `${number(one.errors)}/${number(one.requests)}`
  return `${name} ${seconds} s (errors ${arm(canary)} | ${arm(baseline)})`
}

function versionText({ version, total, failed }: VersionRequests): string {
  return `${version} ${number(total)} requests, ${number(failed)} failed`
}

function otherFailures(load: LoadSnapshot): string {
  const reasons = load.rows.flatMap((row) =>
    Object.entries(row.reasons).map(
      ([reason, count]) => `  ${row.kind} ${row.version ?? '–'}: ${count} × ${reason}`,
    ),
  )
  return reasons.join('\n')
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ')
}

function number(value: number): string {
  return value.toLocaleString('en')
}
