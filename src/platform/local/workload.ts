import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Endpoint, PlatformObservation, Revision, Scale, WorkloadRef } from '../platform.ts'
import type { EventKind, Ground } from './ground.ts'
import { LocalInstance } from './instance.ts'
import type { RunningProcess } from './launch.ts'
import { plan } from './plan.ts'
import type { InstanceRecord, WorkloadRecord } from './schema.ts'

export type WorkloadOptions = {
  readonly ground: Ground
  readonly workload: WorkloadRef
  readonly desired: readonly Scale[]
  /** Called after each change that the state file looks at. */
  readonly onChange: () => void
  readonly onEvent: (instance: string, revision: string, kind: EventKind, message: string) => void
  /** Called when nothing is left of an instance; rejections of its life arrive here too. */
  readonly onGone: (instance: string, error: unknown) => void
}

/** The instances of one workload, and what was asked of them. */
export class LocalWorkload {
  readonly ref: WorkloadRef
  readonly #options: WorkloadOptions
  readonly #instances = new Map<string, LocalInstance>()
  #desired: readonly Scale[]
  #published: readonly Endpoint[] = []
  #queued = false
  /** Not before `begin`, and not after `close`: what was asked stays known, but nothing is started or stopped for it. */
  #active = false

  constructor(options: WorkloadOptions) {
    this.#options = options
    this.ref = options.workload
    this.#desired = options.desired
  }

  get desired(): readonly Scale[] {
    return this.#desired
  }

  get instances(): readonly LocalInstance[] {
    return [...this.#instances.values()]
  }

  /** Nobody asks for anything here, and nothing runs. */
  get isEmpty(): boolean {
    return this.#desired.length === 0 && this.#instances.size === 0
  }

  /** Sets the goal; `begin` starts to reach it. @returns false: it was the goal already */
  ask(desired: readonly Scale[]): boolean {
    if (isDeepStrictEqual(byRevision(desired), byRevision(this.#desired))) return false
    this.#desired = desired
    return true
  }

  /** Reaches the goal, now and after each change. */
  begin(): void {
    this.#active = true
    this.#converge()
  }

  /** Takes up an instance that an earlier node started. */
  adopt(record: InstanceRecord, revision: Revision, process: RunningProcess): LocalInstance {
    const instance = this.#add(record.id, revision, { adopted: process, restarts: record.restarts })
    if (record.draining) void instance.stop()
    return instance
  }

  /** Drains and ends all, or leaves them to the next node; resolves when nothing here looks after them. */
  async close({ leave }: { readonly leave: boolean }): Promise<void> {
    this.#active = false
    await Promise.all(
      this.instances.map((instance) => (leave ? instance.leave() : instance.stop())),
    )
  }

  observe(): PlatformObservation {
    return {
      desired: this.#desired.map(({ revision, count }) => ({ revision: revision.id, count })),
      instances: this.instances.map((instance) => instance.view()),
    }
  }

  record(): WorkloadRecord {
    const asked = new Set(this.#desired.map(({ revision }) => revision.id))
    const leaving = this.instances
      .map(({ revision }) => revision)
      .filter(({ id }) => !asked.has(id))
    return {
      workload: this.ref,
      desired: [...this.#desired],
      instances: this.instances.map((instance) => instance.record()),
      leaving: [...new Map(leaving.map((revision) => [revision.id, revision])).values()],
    }
  }

  /** Starts and stops what the goal needs. */
  #converge(): void {
    if (!this.#active) return
    const held = this.instances.map((instance) => ({
      id: instance.id,
      revision: instance.revision.id,
      state: instance.state,
      startedAt: instance.startedAt,
      retiring: instance.retiring,
    }))
    const desired = this.#desired.map(({ revision, count }) => ({ revision: revision.id, count }))
    const next = plan(desired, held)
    for (const id of next.start) this.#start(id)
    for (const id of next.stop) void this.#instances.get(id)?.stop()
  }

  #start(revisionId: string): void {
    const asked = this.#desired.find(({ revision }) => revision.id === revisionId)
    if (asked === undefined) return
    const retiring = this.instances.filter(
      (instance) => instance.retiring && instance.revision.id === revisionId,
    )
    const failures = Math.max(0, ...retiring.map((instance) => instance.failures))
    this.#add(this.#newId(asked.revision), asked.revision, { failures })
  }

  #add(
    id: string,
    revision: Revision,
    more: {
      readonly adopted?: RunningProcess
      readonly restarts?: number
      readonly failures?: number
    },
  ): LocalInstance {
    const instance = new LocalInstance({
      id,
      revision,
      workload: this.ref,
      ground: this.#options.ground,
      adopted: more.adopted ?? null,
      restarts: more.restarts ?? 0,
      failures: more.failures ?? 0,
      onChange: () => this.#changed(),
      onEvent: (kind, message) => this.#options.onEvent(id, revision.id, kind, message),
    })
    this.#instances.set(id, instance)
    instance.gone.then(
      () => {
        if (!instance.isLeft) this.#remove(id, null)
      },
      (error: unknown) => this.#remove(id, error),
    )
    return instance
  }

  #remove(id: string, error: unknown): void {
    this.#instances.delete(id)
    this.#options.onGone(id, error)
    this.#changed()
  }

  /** Traffic is told before anything else happens; what follows from the change is planned right after. */
  #changed(): void {
    this.#publish()
    if (this.#queued) return
    this.#queued = true
    queueMicrotask(() => {
      this.#queued = false
      this.#converge()
      this.#options.onChange()
    })
  }

  #publish(): void {
    const endpoints = this.instances
      .map((instance) => instance.endpoint())
      .filter((endpoint) => endpoint !== null)
    if (isDeepStrictEqual(endpoints, this.#published)) return
    this.#published = endpoints
    this.#options.ground.balancer.update(this.ref, endpoints)
  }

  #newId(revision: Revision): string {
    const version = revision.id.replace(/^\w+:/, '').slice(0, 6)
    return `${this.ref.service}-${version}-${randomBytes(3).toString('hex')}`
  }
}

function byRevision(scales: readonly Scale[]): ReadonlyMap<string, Scale> {
  return new Map(scales.map((scale) => [scale.revision.id, scale]))
}
