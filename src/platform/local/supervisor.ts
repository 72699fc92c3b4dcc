import { createHash } from 'node:crypto'
import { mkdir, realpath, rm } from 'node:fs/promises'
import type { UnpackedArtifact } from '../../artifact/index.ts'
import type { Balancer, InstanceEvent, Platform, Scale, WorkloadRef } from '../platform.ts'
import { adoptAll } from './adoption.ts'
import { type Backoff, DEFAULT_BACKOFF } from './backoff.ts'
import type { Variables } from './environment.ts'
import { type EventRing, eventRing } from './event-ring.ts'
import type { Ground } from './ground.ts'
import { keepHouse } from './housekeeping.ts'
import { DEFAULT_LOG_LIMITS, type LogLimits, logFolder, pruneLogs } from './log-file.ts'
import { choosePorts } from './ports.ts'
import { scratchFolder } from './start.ts'
import { readState, type StateFile, stateFile } from './state-file.ts'
import { LocalWorkload } from './workload.ts'

export type SupervisorOptions = {
  /** Where state, logs and scratch folders lie; one supervisor at a time. */
  readonly folder: string
  readonly balancer: Balancer
  /** Makes the artifact's files available; called at each start of a process. */
  readonly unpack: (digest: string) => Promise<UnpackedArtifact>
  /** Where secret references `{env}` are looked up; default: this process's environment. */
  readonly env?: Variables
  /**
   * Called when adopted instances are in traffic again and nothing new has been started. When it
   * throws, the supervisor lets go of them and starts nothing.
   */
  readonly whenAdopted?: () => Promise<void>
  readonly backoff?: Partial<Backoff>
  readonly logs?: Partial<LogLimits>
}

/** Runs instances as processes of this machine. */
export interface Supervisor extends Platform {
  /** Probes an instance at once: something makes it suspect. One that is not there is ignored. */
  lookAt(instance: string): void
  /** What went wrong behind the scenes and has not gone right since (a full disk); null: nothing. */
  problem(): string | null
  /**
   * Ends the supervisor; what was asked stays on disk for the next one.
   * `leaveRunning`: instances go on, to be adopted; otherwise each is drained and ended.
   */
  close(options?: { readonly leaveRunning?: boolean }): Promise<void>
}

/**
 * Starts a supervisor: adopts the instances that an earlier one left running, ends strays, and starts
 * what is missing. Resolves when each adopted instance has answered a probe, so that traffic finds it.
 * @throws PlatformError `state-unreadable`, `state-not-saved`
 */
export async function openSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  const ground: Ground = {
    folder: options.folder,
    nodeId: nodeIdOf(await realpath(options.folder)),
    balancer: options.balancer,
    unpack: options.unpack,
    ports: choosePorts(),
    env: options.env ?? process.env,
    backoff: { ...DEFAULT_BACKOFF, ...options.backoff },
    logs: { ...DEFAULT_LOG_LIMITS, ...options.logs },
  }
  const state = await readState(options.folder)
  const supervisor = new LocalSupervisor(ground, eventRing(state))
  const adopted = await adoptAll({
    ground,
    state,
    open: (record) => supervisor.open(record.workload, record.desired),
    event: (event) => supervisor.tell(event),
  })
  await Promise.all(adopted.map((instance) => instance.probed))
  try {
    await options.whenAdopted?.()
  } catch (error) {
    await supervisor.close({ leaveRunning: true })
    throw error
  }
  await supervisor.begin()
  return supervisor
}

/** Marks the processes of a node in their environment. */
function nodeIdOf(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 16)
}

class LocalSupervisor implements Supervisor {
  readonly #ground: Ground
  readonly #events: EventRing
  readonly #workloads = new Map<string, LocalWorkload>()
  readonly #file: StateFile
  readonly #closing = new AbortController()
  #housekeeping: Promise<void> = Promise.resolve()
  #problem: string | null = null
  /** Until all is adopted the file on disk knows more than this supervisor. */
  #begun = false

  constructor(ground: Ground, events: EventRing) {
    this.#ground = ground
    this.#events = events
    this.#file = stateFile(ground.folder, () => ({
      format: 1,
      lastSeq: this.#events.lastSeq,
      events: [...this.#events.kept],
      workloads: [...this.#workloads.values()].map((workload) => workload.record()),
    }))
  }

  async begin(): Promise<void> {
    this.#begun = true
    await this.#file.save()
    for (const workload of this.#workloads.values()) workload.begin()
    this.#housekeeping = keepHouse({
      ground: this.#ground,
      workloads: () => [...this.#workloads.values()],
      signal: this.#closing.signal,
      onTick: () => {
        if (this.#problem !== null) this.#save()
      },
      onProblem: (error) => this.#note(error),
    })
  }

  async scale(ref: WorkloadRef, desired: readonly Scale[]): Promise<void> {
    const workload = this.open(ref, [])
    const before = workload.desired
    if (!workload.ask(desired)) return this.#forgetEmpty()
    try {
      await this.#file.save()
    } catch (error) {
      workload.ask(before)
      this.#forgetEmpty()
      throw error
    }
    workload.begin()
    this.#forgetEmpty()
  }

  async observe(ref: WorkloadRef) {
    return this.#workloads.get(keyOf(ref))?.observe() ?? { desired: [], instances: [] }
  }

  async events(after: number): Promise<readonly InstanceEvent[]> {
    return this.#events.after(after)
  }

  async list(): Promise<readonly WorkloadRef[]> {
    return [...this.#workloads.values()].map((workload) => workload.ref)
  }

  lookAt(id: string): void {
    for (const workload of this.#workloads.values()) {
      for (const instance of workload.instances) if (instance.id === id) instance.lookAt()
    }
  }

  problem(): string | null {
    return this.#problem
  }

  async close(options: { readonly leaveRunning?: boolean } = {}): Promise<void> {
    this.#closing.abort()
    await this.#housekeeping
    const leave = options.leaveRunning === true
    await Promise.all([...this.#workloads.values()].map((workload) => workload.close({ leave })))
    await this.#file.save()
  }

  /** The workload's instances; a workload that was unknown begins with this goal. */
  open(ref: WorkloadRef, desired: readonly Scale[]): LocalWorkload {
    const known = this.#workloads.get(keyOf(ref))
    if (known !== undefined) return known
    const workload = new LocalWorkload({
      ground: this.#ground,
      workload: ref,
      desired,
      onChange: () => this.#save(),
      onEvent: (instance, revision, kind, message) =>
        this.tell({ workload: ref, instance, revision, kind, message }),
      onGone: (instance, error) => this.#onGone(workload, instance, error),
    })
    this.#workloads.set(keyOf(ref), workload)
    return workload
  }

  tell(event: Omit<InstanceEvent, 'seq' | 'at'>): void {
    this.#events.add(event)
    this.#save()
  }

  /** Saves behind the scenes: nobody waits for it, so a failure is kept in view and tried again. */
  #save(): void {
    if (!this.#begun) return
    this.#forgetEmpty()
    this.#file.save().then(
      () => {
        this.#problem = null
      },
      (error: unknown) => this.#note(error),
    )
  }

  #note(error: unknown): void {
    this.#problem = error instanceof Error ? error.message : String(error)
  }

  #forgetEmpty(): void {
    for (const [key, workload] of this.#workloads) {
      if (workload.isEmpty) this.#workloads.delete(key)
    }
  }

  #onGone(workload: LocalWorkload, instance: string, error: unknown): void {
    if (error !== null) this.#note(error)
    this.#tidyUp(workload, instance).catch((problem: unknown) => this.#note(problem))
  }

  async #tidyUp(workload: LocalWorkload, instance: string): Promise<void> {
    const { folder, logs } = this.#ground
    await rm(scratchFolder(this.#ground, instance), { recursive: true, force: true })
    const live = new Set(workload.instances.map(({ id }) => id))
    await pruneLogs(logFolder(folder, workload.ref), live, logs)
  }
}

function keyOf({ environment, service }: WorkloadRef): string {
  return JSON.stringify([environment, service])
}
