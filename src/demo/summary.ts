import type { Verdict } from '../analysis/index.ts'
import type { RunRecord } from '../controller/index.ts'
import type { RolloutView } from '../server/index.ts'
import type { Event } from '../store/index.ts'
import type { LoadSnapshot } from './load.ts'
import { sumBy } from './load-tally.ts'

/** What `npm start -- --json` prints. Times in seconds. */
export type Summary = {
  readonly ok: boolean
  readonly durationSeconds: number
  readonly requests: {
    readonly total: number
    readonly failed: number
    /** Those of the failed that the faulty canary itself answered. */
    readonly failedByFaultyCanary: number
  }
  readonly commits: readonly CommitSummary[]
}

export type CommitSummary = {
  readonly name: string
  readonly outcome: 'promoted' | 'rolled-back'
  readonly built: readonly string[]
  readonly cached: readonly string[]
  readonly rollouts: readonly RolloutSummary[]
  /** What customers were answered while the commit was on its way, by the version that answered. */
  readonly requests: readonly VersionRequests[]
  readonly detection?: { readonly seconds: number; readonly badRequests: number }
  readonly stages: readonly { readonly name: string; readonly seconds: number }[]
}

export type VersionRequests = {
  /** As the shop names it; `none`: nobody answered. */
  readonly version: string
  readonly total: number
  readonly failed: number
}

export type RolloutSummary = {
  readonly service: string
  readonly environment: string
  readonly strategy: string
  readonly steps: readonly StepSummary[]
  readonly verdict: { readonly verdict: string; readonly reason: string } | null
}

export type StepSummary = {
  readonly name: string
  readonly weight: number
  readonly seconds: number
  readonly evidence: { readonly canary: ArmSummary; readonly baseline: ArmSummary } | null
}

type ArmSummary = {
  readonly requests: number
  readonly errors: number
  readonly p95Ms: number | null
}

const ENDS = new Set([
  'passage.passed',
  'passage.failed',
  'passage.rolled-back',
  'passage.superseded',
])

/** What the job knows of one commit when it is over. */
export type CommitFacts = {
  readonly name: string
  readonly commit: string
  readonly run: RunRecord
  readonly events: readonly Event[]
  readonly rollouts: readonly RolloutView[]
}

/** One commit's part of the summary. `badRequests`: failures that the client saw from its revisions. */
export function commitSummary(
  facts: CommitFacts,
  { before, load }: { readonly before: LoadSnapshot | null; readonly load: LoadSnapshot | null },
): CommitSummary {
  const { name, commit, run } = facts
  const release = commit.slice(0, 12)
  const rollouts = facts.rollouts.filter((rollout) => rollout.release === release)
  const rolledBack = rollouts.find((rollout) => rollout.outcome === 'rolled-back')
  const summary = {
    name,
    outcome: rolledBack ? ('rolled-back' as const) : ('promoted' as const),
    built: run.built.toSorted(),
    cached: run.cached.toSorted(),
    rollouts: rollouts.map(rolloutSummary),
    requests: load === null ? [] : requestsBetween(before, load),
    stages: stagesOf(facts, release),
  }
  if (!rolledBack || load === null) return summary
  return {
    ...summary,
    detection: {
      seconds: detectionSeconds(rolledBack),
      badRequests: badRequests(load, rolledBack),
    },
  }
}

/** What was counted between two snapshots, by version. */
export function requestsBetween(
  before: LoadSnapshot | null,
  after: LoadSnapshot,
): readonly VersionRequests[] {
  const versionOf = (row: { readonly version: string | null }) => row.version ?? 'none'
  const then = sumBy(before?.rows ?? [], versionOf)
  return Object.entries(sumBy(after.rows, versionOf))
    .map(([version, { total, failed }]) => ({
      version,
      total: total - (then[version]?.total ?? 0),
      failed: failed - (then[version]?.failed ?? 0),
    }))
    .filter(({ total }) => total > 0)
}

/** Failures that the client saw from one revision. */
export function badRequests(load: LoadSnapshot, rollout: RolloutView): number {
  return load.rows
    .filter((row) => row.revision === revisionOf(rollout))
    .reduce((sum, row) => sum + row.failed, 0)
}

/** The candidate's revision, which the id of its rollout names: ENVIRONMENT-SERVICE-REVISION-COMMIT. */
export function revisionOf(rollout: RolloutView): string {
  return rollout.id.split('-').at(-2) ?? ''
}

/** From the first request that the canary was given until the verdict turned it back. */
function detectionSeconds(rollout: RolloutView): number {
  const first = rollout.steps.find((step) => step.weight > 0)
  const back = rollout.steps.find((step) => step.name === 'rollback')
  return first && back ? seconds(back.startedAt - first.startedAt) : 0
}

function rolloutSummary(rollout: RolloutView): RolloutSummary {
  const { service, environment, strategy, steps } = rollout
  // What ended a step counts, not what the judge said while the last one was being cleared up.
  const verdict =
    steps.findLast((step) => step.verdict && step.verdict.verdict !== 'continue')?.verdict ?? null
  return {
    service,
    environment,
    strategy,
    steps: steps.map((step) => ({
      name: step.name,
      weight: step.weight,
      seconds: seconds((step.endedAt ?? step.startedAt) - step.startedAt),
      evidence: step.verdict && evidenceOf(step.verdict),
    })),
    verdict: verdict && { verdict: verdict.verdict, reason: verdict.reason },
  }
}

function evidenceOf({ evidence }: Verdict): NonNullable<StepSummary['evidence']> {
  const arm = ({ requests, errors, p95Ms }: Verdict['evidence']['canary']) => ({
    requests,
    errors,
    p95Ms,
  })
  return { canary: arm(evidence.canary), baseline: arm(evidence.baseline) }
}

/** Build and test, then each environment from its promotion until the release had passed or gone back there. */
function stagesOf(facts: CommitFacts, release: string): CommitSummary['stages'] {
  const { run, events } = facts
  const stages = [
    { name: 'build and test', seconds: seconds((run.endedAt ?? run.startedAt) - run.startedAt) },
  ]
  for (const begun of events.filter(
    (event) => event.type === 'passage.rolling' && event.id.endsWith(`/${release}`),
  )) {
    const ended = events.find(
      (event) => event.id === begun.id && event.seq > begun.seq && ENDS.has(event.type),
    )
    if (ended) stages.push({ name: begun.id.split('/')[0]!, seconds: seconds(ended.at - begun.at) })
  }
  return stages
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10
}
