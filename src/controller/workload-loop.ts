import type { Verdict } from '../analysis/index.ts'
import { revisionOf, type Workload } from '../gitops/index.ts'
import type { Revision, WorkloadRef } from '../platform/index.ts'
import { allTo, begin, decide, type RolloutStatus } from '../rollout/index.ts'
import { Checks } from './checks.ts'
import { Judges, settingsFor } from './judging.ts'
import { observe } from './observe.ts'
import { perform } from './perform.ts'
import { type RolloutRecord, type Versioned, type WorkloadRecord, workloadId } from './records.ts'
import type { World } from './world.ts'

/** Unasked ends of one instance from which a new version counts as crashing. */
const CRASH_LIMIT = 3

/** What an environment's repo wants of one workload, and the commit and release that brought it. */
export type Wanted = {
  readonly workload: Workload
  readonly commit: string
  readonly release: string | null
  readonly isRollback: boolean
}

/** Brings workloads to what their environment's repo says: one look at a time, each safe to repeat. */
export class WorkloadLoop {
  readonly #world: World
  readonly #judges = new Judges()
  readonly #checks: Checks
  /** The last status of each rollout in words, newer than what is worth an event. */
  readonly #live = new Map<string, { status: RolloutStatus; verdict: Verdict | null }>()

  constructor(world: World) {
    this.#world = world
    this.#checks = new Checks(world)
  }

  /** Where a rollout under way is now; null: nobody has looked at it since the start. */
  live(rollout: string): { status: RolloutStatus; verdict: Verdict | null } | null {
    return this.#live.get(rollout) ?? null
  }

  /** Ends the checks under way; a process that comes after begins them again. */
  async stop(): Promise<void> {
    await this.#checks.stop()
  }

  async reconcile(wanted: Wanted): Promise<void> {
    const { environment, service } = wanted.workload
    const id = workloadId(wanted.workload)
    const found = this.#world.ledger.get('workload', id)
    const record = found?.value ?? {
      environment,
      service,
      stable: null,
      replicas: 0,
      rollout: null,
      refused: null,
    }
    const revision = revisionOf(wanted.workload)
    if (record.rollout !== null) return this.#look(record, record.rollout, revision.id)
    const isServed = record.stable?.id === revision.id
    if (!isServed && record.refused !== revision.id) return this.#start(record, wanted, revision)
    const { replicas } = wanted.workload
    if (replicas !== record.replicas || (isServed && record.refused !== null)) {
      this.#save(
        { ...record, replicas, refused: isServed ? null : record.refused },
        'workload.scaled',
      )
    }
    if (record.stable) await this.#keep(record, record.stable, replicas)
  }

  /** Takes a workload away that its environment's repo no longer names. */
  async remove(workload: WorkloadRef): Promise<void> {
    const { platform, traffic, ledger } = this.#world
    await platform.scale(workload, [])
    const { instances } = await platform.observe(workload)
    if (instances.length > 0) return
    await traffic.remove(workload)
    ledger.remove('workload', workloadId(workload), { type: 'workload.removed', actor: 'slipway' })
  }

  /** The steady state: what serves has all the instances and all the traffic. */
  async #keep(workload: WorkloadRef, stable: Revision, replicas: number): Promise<void> {
    await this.#world.platform.scale(workload, [{ revision: stable, count: replicas }])
    await this.#world.traffic.setSplit(workload, allTo(stable.id))
  }

  async #start(record: WorkloadRecord, wanted: Wanted, candidate: Revision): Promise<void> {
    const { ledger, now } = this.#world
    const { workload, commit, release } = wanted
    const id = `${workload.environment}-${workload.service}-${candidate.id}-${commit.slice(0, 7)}`
    const strategy = strategyOf(wanted)
    const judged =
      record.stable === null || wanted.isRollback ? null : await settingsFor(this.#world, workload)
    const rollout: RolloutRecord = {
      spec: {
        id,
        workload: { environment: workload.environment, service: workload.service },
        strategy,
        replicas: workload.replicas,
        stable: record.stable?.id ?? null,
        candidate: candidate.id,
        ...(wanted.isRollback ? UNTIL_IT_IS_BACK : limitsOf(workload)),
        inconclusive: workload.analysis.inconclusive,
        checked: strategy.kind === 'blue-green',
      },
      status: begin(now()),
      stable: record.stable,
      candidate,
      judge: judged?.settings ?? null,
      forecast: judged?.forecast ?? '',
      commands: [],
      sticky: workload.sticky,
      release,
      commit,
      checks: null,
    }
    const data = {
      release,
      strategy: strategy.kind,
      from: record.stable?.version ?? null,
      to: candidate.version,
      forecast: judged?.forecast ?? null,
    }
    ledger.put(
      'rollout',
      { id, value: rollout },
      { type: 'rollout.started', actor: 'slipway', data },
    )
    if (judged) {
      ledger.note('rollout', id, {
        type: 'rollout.judged-by',
        actor: 'slipway',
        data: judged.settings,
      })
    }
    this.#save(
      { ...record, replicas: workload.replicas, rollout: id, refused: null },
      'workload.rollout-begun',
    )
  }

  async #look(record: WorkloadRecord, id: string, wanted: string | null): Promise<void> {
    const { ledger, now } = this.#world
    const found = ledger.get('rollout', id)
    if (found === null)
      throw new Error(`workload ${workloadId(record)} names rollout ${id}, which is not in the log`)
    const rollout = this.#checks.seenBy(found.value, id)
    const verdict = await this.#judges.look(this.#world, { id, record: rollout })
    const seen = await observe(this.#world, rollout, { wanted, verdict })
    const decision = decide(rollout.spec, seen, now())
    this.#live.set(id, { status: decision.status, verdict })
    const turned = { ...rollout, status: decision.status, commands: [] }
    for (const action of decision.actions) {
      if (action.kind === 'check') this.#checks.start(id, rollout)
      else await perform(this.#world, turned, action)
    }
    this.#record(found, turned)
    if (decision.status.phase === 'settled') this.#settle(record, { id, rollout: turned })
  }

  /** Only what matters to somebody later is an event; a reason that counts seconds is not. */
  #record(found: Versioned<RolloutRecord>, next: RolloutRecord): void {
    const before = found.value
    if (milestone(before) === milestone(next)) return
    const { phase, step, reason, paused, steps } = next.status
    const data = {
      phase,
      step,
      reason,
      paused: paused?.reason ?? null,
      taken: steps.at(-1)?.name ?? null,
    }
    const actor = before.commands.at(-1)?.by ?? next.status.rollback?.by ?? 'slipway'
    const type = phase === before.status.phase ? 'rollout.progressed' : `rollout.${phase}`
    const { checks } = before
    this.#world.ledger.put(
      'rollout',
      { ...found, value: { ...next, checks } },
      { type, actor, data: data },
    )
  }

  #settle(
    record: WorkloadRecord,
    settled: { readonly id: string; readonly rollout: RolloutRecord },
  ): void {
    const { rollout, id } = settled
    const { outcome } = rollout.status
    const isPromoted = outcome === 'promoted'
    const stable = isPromoted ? rollout.candidate : rollout.stable
    const refused = outcome === 'failed' || outcome === 'rolled-back' ? rollout.candidate.id : null
    this.#judges.forget(id)
    this.#checks.end(id)
    this.#save({ ...record, stable, rollout: null, refused }, `workload.${outcome}`)
  }

  #save(record: WorkloadRecord, type: string): void {
    const data = { stable: record.stable?.version ?? null, rollout: record.rollout }
    this.#world.ledger.put(
      'workload',
      { id: workloadId(record), value: record },
      { type, actor: 'slipway', data },
    )
  }
}

/**
 * What goes back was good before: it takes no steps and waits for no evidence, only for ready
 * instances. What cannot run twice cannot on its way back either.
 */
function strategyOf({ workload, isRollback }: Wanted): RolloutRecord['spec']['strategy'] {
  return isRollback && workload.strategy.kind !== 'recreate' ? GOING_BACK : workload.strategy
}

/** Giving up on the way back would reject what was good and return to what is bad: it is tried until it holds. */
const UNTIL_IT_IS_BACK = { readyDeadlineSeconds: 1e9, crashLimit: 1e9 } as const

function limitsOf({ ready }: Workload) {
  return { readyDeadlineSeconds: ready.deadlineSeconds, crashLimit: CRASH_LIMIT }
}

const GOING_BACK = { kind: 'rolling', maxSurge: '100%', maxUnavailable: 0 } as const

function milestone({ status, commands }: RolloutRecord): string {
  const { phase, step, stepSince, paused, allowed, rollback, outcome, steps, lackingSince } = status
  const taken = [steps.length, steps.at(-1)?.name]
  return JSON.stringify([
    phase,
    step,
    stepSince,
    paused,
    allowed,
    rollback?.cause,
    outcome,
    taken,
    lackingSince,
    commands,
  ])
}
