import { isDeepStrictEqual } from 'node:util'
import { asSlipwayError } from '../errors/index.ts'
import { type DesiredState, revisionOf } from '../gitops/index.ts'
import type { Passage } from '../release/index.ts'
import type { Notes } from './notes.ts'
import { type EnvironmentRecord, passageId, workloadId } from './records.ts'
import { isServed } from './served.ts'
import { Verification } from './verification.ts'
import type { WorkloadLoop } from './workload-loop.ts'
import type { World } from './world.ts'

/** Makes one environment what its repo says, and tells how the release that it names fares. */
export class EnvironmentLoop {
  readonly #world: World
  readonly #workloads: WorkloadLoop
  readonly #notes: Notes
  readonly #verification: Verification
  readonly #lastGood = new Map<string, DesiredState>()

  constructor(world: World, workloads: WorkloadLoop, notes: Notes) {
    this.#world = world
    this.#notes = notes
    this.#workloads = workloads
    this.#verification = new Verification(world)
  }

  async reconcile(environment: string): Promise<void> {
    const desired = await this.#desired(environment)
    // An environment that its repo does not know (yet, or through a failed render) is left as it is.
    if (desired === null || desired.workloads.length === 0) return
    const { commit, cause } = desired
    const isRollback = cause.kind === 'rollback'
    for (const workload of desired.workloads) {
      const wanted = { workload, commit, release: isRollback ? null : cause.release, isRollback }
      await this.#attempt(workloadId(workload), () => this.#workloads.reconcile(wanted))
    }
    await this.#prune(desired)
    this.#follow(desired)
  }

  /** Ends the verify steps under way. */
  async stop(): Promise<void> {
    await this.#verification.stop()
  }

  /** One workload that cannot be brought up must not stop the others. */
  async #attempt(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      const expected = asSlipwayError(error)
      if (expected === null || expected.code === 'version-conflict') throw error
      this.#notes.tell(`${what}: ${expected.message}`)
    }
  }

  /** What the repo says now; while it cannot be read or parsed, what it said last. */
  async #desired(environment: string): Promise<DesiredState | null> {
    const known = this.#world.ledger.get('environment', environment)?.value
    try {
      const desired = await this.#world.environments.read(environment)
      if (desired === null) return this.#last(environment, known)
      this.#lastGood.set(environment, desired)
      const { commit, cause } = desired
      this.#save(known, { name: environment, commit, release: cause.release, error: null })
      return desired
    } catch (error) {
      const expected = asSlipwayError(error)
      if (expected === null) throw error
      const record = known ?? { name: environment, commit: '', release: null, error: null }
      this.#save(known, { ...record, error: expected.message })
      return this.#last(environment, known)
    }
  }

  /** What was in force when the repo could last be read, be it by the process before this one. */
  async #last(
    environment: string,
    known: EnvironmentRecord | undefined,
  ): Promise<DesiredState | null> {
    const last = this.#lastGood.get(environment)
    if (last) return last
    if (!known?.commit) return null
    const found = await this.#world.environments.readAt(environment, known.commit)
    if (found) this.#lastGood.set(environment, found)
    return found
  }

  #save(known: EnvironmentRecord | undefined, value: EnvironmentRecord): void {
    if (isDeepStrictEqual(known, value)) return
    const type = value.error === null ? 'environment.changed' : 'environment.unreadable'
    const data = { commit: value.commit, release: value.release, error: value.error }
    this.#world.ledger.put(
      'environment',
      { id: value.name, value },
      { type, actor: 'slipway', data },
    )
  }

  async #prune(desired: DesiredState): Promise<void> {
    const { environment } = desired
    const named = new Set(desired.workloads.map((workload) => workload.service))
    for (const { value } of this.#world.ledger.list('workload')) {
      if (value.environment !== environment || named.has(value.service)) continue
      await this.#attempt(workloadId(value), () => this.#workloads.remove(value))
    }
  }

  /** The release that is under way here: rolling → verifying → passed, or failed. */
  #follow(desired: DesiredState): void {
    const passage = this.#world.ledger
      .values('passage')
      .filter((one) => one.environment === desired.environment)
      .find((one) => one.status === 'rolling' || one.status === 'verifying')
    if (passage?.status === 'verifying') this.#verification.start(passage, desired)
    else this.#verification.end(desired.environment)
    if (passage?.status === 'rolling') {
      const failure = this.#failureOf(desired)
      if (failure !== null) this.#pass(passage, 'failed', failure)
      else if (isServed(this.#world.ledger, desired))
        this.#pass(passage, 'verifying', 'every workload runs it')
    }
  }

  #failureOf(desired: DesiredState): string | null {
    for (const workload of desired.workloads) {
      const record = this.#world.ledger.get('workload', workloadId(workload))?.value
      if (!record || record.refused === null || record.refused !== revisionOf(workload).id) continue
      const rollout = this.#world.ledger
        .list('rollout')
        .find(
          ({ value }) =>
            value.spec.candidate === record.refused && sameWorkload(value.spec.workload, workload),
        )
      return `${workload.service}: ${rollout?.value.status.reason ?? 'it was given up'}`
    }
    return null
  }

  #pass(passage: Passage, status: Passage['status'], reason: string): void {
    const value = { ...passage, status, reason, since: this.#world.now() }
    const id = passageId(passage.environment, passage.release)
    this.#world.ledger.put(
      'passage',
      { id, value },
      { type: `passage.${status}`, actor: 'slipway', data: { reason } },
    )
  }
}

function sameWorkload(
  a: { readonly environment: string; readonly service: string },
  b: { readonly environment: string; readonly service: string },
): boolean {
  return a.environment === b.environment && a.service === b.service
}
