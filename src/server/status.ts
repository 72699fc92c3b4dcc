import type { Verdict } from '../analysis/index.ts'
import {
  type Controller,
  type RolloutRecord,
  type RunRecord,
  upNext,
  type Versioned,
  type WorkloadRecord,
  type World,
} from '../controller/index.ts'
import { asSlipwayError } from '../errors/index.ts'
import type { Gate, Hold, PassageStatus } from '../release/index.ts'
import type { Phase, StepRecord } from '../rollout/index.ts'

/** Which version of which service runs where, what is moving, and what waits for whom. */
export type Status = {
  readonly project: string
  readonly environments: readonly EnvironmentStatus[]
  /** The newest first. */
  readonly runs: readonly RunRecord[]
  readonly holds: readonly (Hold & { readonly id: string })[]
}

export type EnvironmentStatus = {
  readonly name: string
  /** Commit of the environment repo; null: it says nothing of this environment yet. */
  readonly commit: string | null
  readonly release: string | null
  readonly status: PassageStatus | null
  readonly reason: string | null
  /** Why the environment repo cannot be read; null: it can. */
  readonly error: string | null
  readonly next: { readonly release: string; readonly gates: readonly Gate[] } | null
  readonly workloads: readonly WorkloadStatus[]
}

export type WorkloadStatus = {
  readonly service: string
  readonly version: string | null
  readonly digest: string | null
  readonly ready: number
  readonly replicas: number
  readonly restarts: number
  readonly reason: string | null
  readonly address: string | null
  /** Processes of its ready instances. */
  readonly pids: readonly number[]
  readonly rollout: RolloutView | null
}

export type RolloutView = {
  readonly id: string
  readonly environment: string
  readonly service: string
  readonly release: string | null
  readonly strategy: string
  readonly from: string | null
  readonly to: string
  readonly phase: Phase
  readonly outcome: string | null
  /** Percent of requests that the new version is asked to have. */
  readonly weight: number
  readonly paused: string | null
  readonly reason: string
  readonly forecast: string
  readonly startedAt: number
  readonly steps: readonly StepRecord[]
  readonly verdict: Verdict | null
}

export async function statusOf(world: World, controller: Controller): Promise<Status> {
  const { project } = controller
  const names = Object.keys(project.environments)
  return {
    project: project.name,
    environments: await Promise.all(
      names.map((name) => environmentStatus(world, controller, name)),
    ),
    runs: world.ledger.values('run').slice(0, 10),
    holds: world.ledger.list('hold').map(({ id, value }) => ({ id, ...value })),
  }
}

async function environmentStatus(
  world: World,
  controller: Controller,
  name: string,
): Promise<EnvironmentStatus> {
  const { ledger } = world
  const record = ledger.get('environment', name)?.value
  const passage = ledger
    .values('passage')
    .find((one) => one.environment === name && one.status !== 'superseded')
  const environment = controller.project.environments[name]
  const next = environment ? upNext(world, environment) : null
  const workloads = ledger.values('workload').filter((workload) => workload.environment === name)
  return {
    name,
    commit: record?.commit || null,
    release: passage?.release ?? null,
    status: passage?.status ?? null,
    reason: passage?.reason ?? null,
    error: record?.error ?? null,
    next: next && { release: next.release.id, gates: next.gates },
    workloads: await Promise.all(
      workloads
        .toSorted((a, b) => a.service.localeCompare(b.service))
        .map((workload) => workloadStatus(world, controller, workload)),
    ),
  }
}

async function workloadStatus(
  world: World,
  controller: Controller,
  workload: WorkloadRecord,
): Promise<WorkloadStatus> {
  const { instances, address, unseen } = await runningOf(world, workload)
  const own = instances.filter(
    (one) => one.revision === workload.stable?.id && one.state !== 'draining',
  )
  const found = workload.rollout === null ? null : world.ledger.get('rollout', workload.rollout)
  return {
    service: workload.service,
    version: workload.stable?.version ?? null,
    digest: workload.stable?.digest ?? null,
    ready: own.filter((one) => one.state === 'ready').length,
    replicas: workload.replicas,
    restarts: Math.max(0, ...own.map((one) => one.restarts)),
    reason: unseen ?? own.find((one) => one.state !== 'ready')?.reason ?? null,
    address: address?.host ?? null,
    pids: own.flatMap((one) => (one.state === 'ready' && one.pid !== null ? [one.pid] : [])),
    rollout: found && rolloutView(found, controller.workloads.live(found.id)),
  }
}

/** What runs; while what runs it does not answer, why nobody can tell: the rest of the status is known. */
async function runningOf(world: World, workload: WorkloadRecord) {
  try {
    const [{ instances }, address] = await Promise.all([
      world.platform.observe(workload),
      world.traffic.address(workload),
    ])
    return { instances, address, unseen: null }
  } catch (error) {
    const expected = asSlipwayError(error)
    if (expected?.retry !== 'later') throw error
    return { instances: [], address: null, unseen: expected.message }
  }
}

export function rolloutView(
  found: Versioned<RolloutRecord>,
  live: ReturnType<Controller['workloads']['live']>,
): RolloutView {
  const { spec, stable, candidate, forecast, release } = found.value
  const status =
    found.value.status.phase === 'settled'
      ? found.value.status
      : (live?.status ?? found.value.status)
  return {
    id: found.id,
    environment: spec.workload.environment,
    service: spec.workload.service,
    release,
    strategy: spec.strategy.kind,
    from: stable?.version ?? null,
    to: candidate.version,
    phase: status.phase,
    outcome: status.outcome,
    weight: status.steps.at(-1)?.weight ?? 0,
    paused: status.paused?.reason ?? null,
    reason: status.reason,
    forecast,
    startedAt: status.startedAt,
    steps: status.steps,
    verdict:
      live?.verdict ?? status.steps.findLast((step) => step.verdict !== null)?.verdict ?? null,
  }
}

export function rolloutViews(world: World, controller: Controller): readonly RolloutView[] {
  return world.ledger
    .list('rollout')
    .map((found) => rolloutView(found, controller.workloads.live(found.id)))
}
