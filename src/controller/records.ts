import type { AnyJudgeSettings } from '../analysis/index.ts'
import type { StepResult } from '../pipeline/index.ts'
import type { Revision, WorkloadRef } from '../platform/index.ts'
import type { Approval, Hold, Passage, Release } from '../release/index.ts'
import type { RolloutCommand, RolloutSpec, RolloutStatus } from '../rollout/index.ts'
import type { Json, NewEvent, Store } from '../store/index.ts'

/** One execution of the pipeline for one commit. */
export type RunRecord = {
  readonly id: string
  readonly commit: string
  readonly branch: string
  readonly subject: string
  readonly status: 'running' | 'passed' | 'failed' | 'cancelled' | 'superseded'
  readonly startedAt: number
  readonly endedAt: number | null
  readonly reason: string
  readonly steps: readonly StepResult[]
  /** Services whose artifact was made in this run, and those whose artifact was there already. */
  readonly built: readonly string[]
  readonly cached: readonly string[]
}

/** What serves in a workload, and the rollout that is under way. */
export type WorkloadRecord = WorkloadRef & {
  readonly stable: Revision | null
  readonly replicas: number
  /** Id of the rollout under way; null: none. */
  readonly rollout: string | null
  /** Revision whose rollout ended without being promoted: not tried again until the repo names another. */
  readonly refused: string | null
}

export type RolloutRecord = {
  readonly spec: RolloutSpec
  readonly status: RolloutStatus
  readonly stable: Revision | null
  readonly candidate: Revision
  /** Null: nothing is judged. */
  readonly judge: AnyJudgeSettings | null
  /** What was announced of margins and time before it began; empty: nothing to announce. */
  readonly forecast: string
  /** Commands that the next look takes up. */
  readonly commands: readonly RolloutCommand[]
  /** Whether clients keep the version that they met first while it lasts. */
  readonly sticky: boolean
  readonly release: string | null
  /** Commit of the environment repo that asked for the candidate. */
  readonly commit: string
  readonly checks: {
    readonly status: 'running' | 'passed' | 'failed'
    readonly reason: string
  } | null
}

/** What an environment's repo said when it could last be read. */
export type EnvironmentRecord = {
  readonly name: string
  readonly commit: string
  readonly release: string | null
  /** Why the repo cannot be read now; null: it can. The last good state stays in force. */
  readonly error: string | null
}

type Records = {
  readonly run: RunRecord
  readonly release: Release
  readonly workload: WorkloadRecord
  readonly rollout: RolloutRecord
  readonly passage: Passage
  readonly hold: Hold
  readonly approval: Approval
  readonly environment: EnvironmentRecord
}
export type Kind = keyof Records

export type Versioned<T> = { readonly id: string; readonly version: number; readonly value: T }

/** What happened, for the event that carries a record's next value. */
export type Happening = {
  /** `rollout.started`: the kind, a dot, the past tense. */
  readonly type: string
  readonly actor: string
  readonly data?: Json
}

/**
 * The control plane's subjects in the store, typed. Only this file turns what the log holds back into
 * types; the log holds nothing but what this file wrote.
 */
export class Ledger {
  readonly store: Store
  /** Kind → all of it, until one changes: the loops ask several times a second, and only they write. */
  readonly #known = new Map<Kind, readonly Versioned<unknown>[]>()

  constructor(store: Store) {
    this.store = store
  }

  get<K extends Kind>(kind: K, id: string): Versioned<Records[K]> | null {
    const subject = this.store.get(kind, id)
    if (subject === null || subject.state === null) return null
    return { id, version: subject.version, value: subject.state as unknown as Records[K] }
  }

  /** The one changed last comes first. */
  list<K extends Kind>(kind: K): readonly Versioned<Records[K]>[] {
    const known = this.#known.get(kind) ?? this.#read(kind)
    this.#known.set(kind, known)
    return known as readonly Versioned<Records[K]>[]
  }

  values<K extends Kind>(kind: K): readonly Records[K][] {
    return this.list(kind).map((one) => one.value)
  }

  /** Appends the event with the record as it is now; throws `version-conflict` when a race was lost. */
  put<K extends Kind>(
    kind: K,
    record: { readonly id: string; readonly value: Records[K]; readonly version?: number },
    happening: Happening,
  ): void {
    const expect =
      record.version === undefined ? undefined : [{ kind, id: record.id, version: record.version }]
    this.#known.delete(kind)
    this.store.append([eventOf(kind, record, happening)], expect)
  }

  /** An event that changes no record. */
  note(kind: Kind, id: string, happening: Happening): void {
    const { type, actor, data } = happening
    this.store.append([{ type, kind, id, actor, data: data ?? {} }])
  }

  remove(kind: Kind, id: string, happening: Happening): void {
    const { type, actor, data } = happening
    this.#known.delete(kind)
    this.store.append([{ type, kind, id, actor, data: data ?? {}, state: null }])
  }

  #read(kind: Kind): readonly Versioned<unknown>[] {
    return this.store
      .list(kind)
      .filter((subject) => subject.state !== null)
      .map(({ id, version, state }) => ({ id, version, value: state }))
  }
}

function eventOf<K extends Kind>(
  kind: K,
  record: { readonly id: string; readonly value: Records[K] },
  happening: Happening,
): NewEvent {
  const state = record.value as unknown as Json
  return {
    type: happening.type,
    kind,
    id: record.id,
    actor: happening.actor,
    data: happening.data ?? {},
    state,
  }
}

/** Null: nothing was released yet. */
export function newestRelease(ledger: Ledger): Release | null {
  return ledger
    .values('release')
    .reduce<Release | null>(
      (best, release) => (best === null || release.sequence > best.sequence ? release : best),
      null,
    )
}

export function workloadId(workload: WorkloadRef): string {
  return `${workload.environment}/${workload.service}`
}

export function passageId(environment: string, release: string): string {
  return `${environment}/${release}`
}
