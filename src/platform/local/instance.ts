import { performance } from 'node:perf_hooks'
import type { Endpoint, Instance, InstanceState, Revision, WorkloadRef } from '../platform.ts'
import { restartDelayMs } from './backoff.ts'
import { describeEnding } from './ending.ts'
import { masked } from './environment.ts'
import type { EventKind, Ground } from './ground.ts'
import type { Health } from './health.ts'
import type { RunningProcess } from './launch.ts'
import { lastLine, logFile, shortened } from './log-file.ts'
import { watchHealth } from './probe.ts'
import { rest } from './rest.ts'
import type { InstanceRecord } from './schema.ts'
import { type Identity, startProcess } from './start.ts'
import { terminate } from './terminate.ts'

export type InstanceOptions = Identity & {
  readonly ground: Ground
  /** A process that an earlier node started; null: start one. */
  readonly adopted: RunningProcess | null
  readonly restarts: number
  /** Failures in a row of the instance that it takes the place of: its first start waits as long as a restart. */
  readonly failures: number
  /** Called after each change that traffic, the plan or the state file look at. */
  readonly onChange: () => void
  readonly onEvent: (kind: EventKind, message: string) => void
}

/** A request that was handed over in the same moment as the drain began is counted by then. */
const SETTLE_MS = 50
const DRAIN_POLL_MS = 25

/** One place in a workload: a process, and after its end the next one, until it is told to stop. */
export class LocalInstance {
  readonly id: string
  readonly workload: WorkloadRef
  readonly revision: Revision
  /** Resolves when it was stopped and no process of it is left. */
  readonly gone: Promise<void>
  /** Resolves when an adopted process has answered its first probe, either way. */
  readonly probed: Promise<void>
  readonly #options: InstanceOptions
  readonly #stop = new AbortController()
  readonly #nudge = new EventTarget()
  #state: InstanceState = 'starting'
  #process: RunningProcess | null
  #health: Health | null = null
  #wasReady = false
  #readySince: number | null = null
  #retiring = false
  #left = false
  #restarts: number
  #failures: number
  #lastEnding: string | null = null
  #markProbed: () => void = () => {}

  constructor(options: InstanceOptions) {
    this.id = options.id
    this.workload = options.workload
    this.revision = options.revision
    this.#options = options
    this.#process = options.adopted
    this.#restarts = options.restarts
    this.#failures = options.failures
    this.probed = new Promise((resolve) => {
      this.#markProbed = resolve
    })
    // Not before the constructor's caller has it: its first change is told to that caller.
    this.gone = Promise.resolve().then(() => this.#live())
  }

  get state(): InstanceState {
    return this.#state
  }

  get retiring(): boolean {
    return this.#retiring
  }

  /** Its process runs on without us. */
  get isLeft(): boolean {
    return this.#left
  }

  get failures(): number {
    return this.#failures
  }

  /** Pid of the group's leader; null: no process runs. */
  get group(): number | null {
    return this.#process?.pid ?? null
  }

  /** Milliseconds since 1970; without a process it counts as younger than any. */
  get startedAt(): number {
    return this.#process?.startedAt ?? Number.MAX_SAFE_INTEGER
  }

  /** Drains it, ends its process group and resolves when nothing of it is left. Repeating changes nothing. */
  stop(): Promise<void> {
    if (!this.#stop.signal.aborted) {
      this.#state = 'draining'
      this.#markProbed()
      this.#stop.abort()
      this.#options.onChange()
    }
    return this.gone
  }

  /** Looks after it no more and leaves its process running; one that drains is waited for. */
  leave(): Promise<void> {
    if (!this.#stop.signal.aborted) {
      this.#left = true
      this.#stop.abort()
    }
    return this.gone
  }

  /** It has outgrown its memory: it goes as soon as another one is ready in its place. */
  retire(message: string): void {
    if (this.#retiring || this.#stop.signal.aborted) return
    this.#retiring = true
    this.#failures += 1
    this.#options.onEvent('memory-limit', message)
    this.#options.onChange()
  }

  /** Probes it now instead of at the next interval. */
  lookAt(): void {
    this.#nudge.dispatchEvent(new Event('look'))
  }

  view(): Instance {
    const running = this.#process
    const age = running === null ? 0 : (performance.now() - running.startedTick) / 1000
    return {
      id: this.id,
      revision: this.revision.id,
      state: this.#state,
      ageSeconds: age,
      restarts: this.#restarts,
      reason: this.#reason(),
      pid: running?.pid ?? null,
      port: running?.port ?? null,
      inFlight: this.#options.ground.balancer.inFlight(this.id),
    }
  }

  /** Null: traffic has nothing to do with it. */
  endpoint(): Endpoint | null {
    const running = this.#process
    if (running === null || !this.#wasReady) return null
    if (this.#state !== 'ready' && this.#state !== 'draining') return null
    return {
      instance: this.id,
      revision: this.revision.id,
      host: '127.0.0.1',
      port: running.port,
      state: this.#state,
      startedAt: running.startedAt,
    }
  }

  record(): InstanceRecord {
    const running = this.#process
    return {
      id: this.id,
      revision: this.revision.id,
      pid: running?.pid ?? null,
      stamp: running?.stamp ?? '',
      port: running?.port ?? 0,
      startedAt: running?.startedAt ?? 0,
      restarts: this.#restarts,
      draining: this.#state === 'draining',
    }
  }

  async #live(): Promise<void> {
    if (this.#failures > 0 && this.#process === null) await this.#wait()
    while (!this.#stop.signal.aborted) {
      this.#process ??= await this.#start()
      if (this.#process !== null) await this.#run(this.#process)
      if (!this.#stop.signal.aborted) await this.#wait()
    }
    this.#markProbed()
  }

  /** Null: it could not be started; an event says why. */
  async #start(): Promise<RunningProcess | null> {
    this.#become('starting')
    try {
      return await startProcess(this.#options.ground, this.#options)
    } catch (error) {
      // Whatever stands in the way (artifact, secret, system) may be mended while the node runs.
      this.#lastEnding = `could not be started: ${error instanceof Error ? error.message : String(error)}`
      this.#options.onEvent('start-failed', this.#lastEnding)
      return null
    }
  }

  /** From the process's first breath until no member of its group is left. */
  async #run(running: RunningProcess): Promise<void> {
    const { ground } = this.#options
    ground.ports.hold(running.port)
    this.#wasReady = false
    this.#options.onChange()
    const over = new AbortController()
    const watching = watchHealth({
      probe: this.revision.ready,
      port: running.port,
      startedAt: running.startedTick,
      signal: AbortSignal.any([over.signal, this.#stop.signal]),
      nudge: this.#nudge,
      report: (health) => this.#onHealth(health),
    })
    const stopped = await this.#endedOrStopped(running)
    over.abort()
    if (this.#left) return
    // Before anything else is cleaned up: traffic must leave an instance that is dead.
    if (stopped) await this.#drain(running)
    else this.#become('waiting')
    const owner = { nodeId: ground.nodeId, instance: this.id }
    await terminate(running, owner, stopped ? this.revision.stopSeconds : 0)
    await watching
    if (!stopped) await this.#tellEnding(running)
    this.#process = null
    ground.ports.release(running.port)
    if (this.#retiring) this.#stop.abort()
    this.#options.onChange()
  }

  /** @returns true: it was told to stop; false: the process ended first */
  #endedOrStopped(running: RunningProcess): Promise<boolean> {
    const { signal } = this.#stop
    return new Promise((resolve) => {
      const stop = () => resolve(true)
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop, { once: true })
      void running.ended.then(() => {
        signal.removeEventListener('abort', stop)
        resolve(false)
      })
    })
  }

  /** Waits until it answers no request any more, its time is over, or it is gone. */
  async #drain(running: RunningProcess): Promise<void> {
    if (!this.#wasReady) return
    const { balancer } = this.#options.ground
    const ended = new AbortController()
    void running.ended.then(() => ended.abort())
    const deadline = performance.now() + this.revision.drainSeconds * 1000
    await rest(SETTLE_MS, ended.signal)
    while (!ended.signal.aborted && performance.now() < deadline) {
      if (balancer.inFlight(this.id) === 0) return
      await rest(DRAIN_POLL_MS, ended.signal)
    }
  }

  /** Waits for the next start after a failure. */
  async #wait(): Promise<void> {
    const delay = restartDelayMs(this.#failures, this.#wasReady, this.#options.ground.backoff)
    this.#failures += 1
    this.#become('waiting')
    await rest(delay, this.#stop.signal)
  }

  async #tellEnding(running: RunningProcess): Promise<void> {
    const ending = await running.ended
    const file = logFile(this.#options.ground.folder, this.workload, this.id)
    const line = await lastLine(file, running.logFrom).catch(
      (error: unknown) => `(its log cannot be read: ${error})`,
    )
    const said = line === null ? null : shortened(masked(line, running.secrets))
    const told = describeEnding(ending, performance.now() - running.startedTick, said)
    this.#restarts += 1
    this.#lastEnding = told.message
    this.#forgetOldFailures()
    this.#options.onEvent(told.kind, told.message)
  }

  #onHealth(health: Health): void {
    if (this.#stop.signal.aborted) return
    this.#health = health
    if (health.state === 'ready') {
      this.#wasReady = true
      this.#lastEnding = null
      this.#readySince ??= performance.now()
    } else {
      this.#forgetOldFailures()
    }
    this.#become(health.state)
    this.#markProbed()
  }

  #forgetOldFailures(): void {
    const since = this.#readySince
    this.#readySince = null
    const { stableMs } = this.#options.ground.backoff
    if (since !== null && performance.now() - since >= stableMs) this.#failures = 0
  }

  #become(state: InstanceState): void {
    if (this.#stop.signal.aborted || this.#state === state) return
    this.#state = state
    this.#options.onChange()
  }

  #reason(): string | null {
    const { reason } = this.#health ?? { reason: null }
    if (this.#state === 'ready') return this.#retiring ? 'over its memory limit' : null
    if (this.#state === 'waiting') return this.#lastEnding
    return [reason, this.#lastEnding].filter((part) => part !== null).join('; before: ') || null
  }
}
