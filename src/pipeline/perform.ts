import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { asSlipwayError } from '../errors/index.ts'
import type { CacheEntry, StepCache } from './cache.ts'
import type { Packager } from './packager.ts'
import type { PlannedStep } from './planned-step.ts'
import { type ResolvedEnv, resolveSecrets, type SecretPlace } from './secrets.ts'
import type { Sources } from './sources.ts'
import { logPath, replayLog, StepLog } from './step-log.ts'
import type {
  ExecuteResult,
  Executor,
  Packaged,
  RunEvent,
  StepResult,
  StepStatus,
} from './types.ts'
import type { Workshop } from './workshop.ts'

export type StepRunnerParts = {
  readonly cache: StepCache
  readonly executor: Executor
  readonly sources: Pick<Sources, 'provenance'>
  readonly packager: Packager
  readonly secrets: SecretPlace
  readonly env: Readonly<Record<string, string>>
  /** Absolute folder of the run's logs. */
  readonly logs: string
  readonly workshop: Workshop
  readonly emit: (event: RunEvent) => void
  readonly signal: AbortSignal
}

/** How one try ended. */
type Outcome = {
  readonly status: 'passed' | 'failed' | 'cancelled'
  readonly reason: string
  readonly exitCode: number | null
  readonly value: Packaged | null
  /** Whether it could not even be tried. */
  readonly isLost: boolean
}

/** A try that never began is made again at least once, whatever `retries` says. */
const LOST_RETRIES = 1
const LOST_PAUSE_MS = 200

/** Brings one step of a run to its end: from the cache if it is there, else by running it. */
export class StepRunner {
  /** Results of steps that really ran. */
  readonly ran = new Map<string, StepResult>()
  /** What package steps made or had made. */
  readonly values = new Map<string, Packaged>()
  readonly #parts: StepRunnerParts

  constructor(parts: StepRunnerParts) {
    this.#parts = parts
  }

  async perform(planned: PlannedStep): Promise<StepResult> {
    if (!planned.cached || planned.key === null) return this.#run(planned, planned.reason)
    const entry = await this.#parts.cache.read(planned.key)
    if (entry === null) return this.#run(planned, 'its cache entry was damaged')
    if (entry.value !== null && !(await this.#parts.packager.has(entry.value))) {
      return this.#run(planned, 'its artifact is not kept any more')
    }
    return this.#replay(planned, entry)
  }

  /** Runs a step that was counted as cached, because its outputs turned out to be damaged. */
  async rebuild(planned: PlannedStep, reason: string): Promise<StepResult> {
    const result = await this.#run(planned, reason)
    this.#parts.emit({ kind: 'finished', result })
    return result
  }

  async close(): Promise<void> {
    await this.#parts.workshop.close()
  }

  async #replay({ step, key, reason }: PlannedStep, entry: CacheEntry): Promise<StepResult> {
    const { cache, emit } = this.#parts
    const log = logPath(this.#parts.logs, step.id)
    replayLog(cache.logFile(entry.key), entry.log, log)
    cache.touch(entry.key)
    if (entry.log !== '') emit({ kind: 'output', step: step.id, text: entry.log })
    if (entry.value !== null) this.values.set(step.id, entry.value)
    const { id, service } = step
    return { id, service, status: 'cached', seconds: 0, key, reason, log, exitCode: null }
  }

  async #run(planned: PlannedStep, reason: string): Promise<StepResult> {
    const { step, key } = planned
    const { workshop, cache, emit } = this.#parts
    const ready = await workshop.readyFor(planned)
    if (ready.kind === 'lacking') return lacking(planned, ready.need)
    const { root } = ready
    const resolved = resolveSecrets(step, this.#parts.secrets)
    const show = (text: string) => emit({ kind: 'output', step: step.id, text })
    const log = new StepLog(logPath(this.#parts.logs, step.id), resolved.secrets, show)
    const started = performance.now()
    const outcome = await this.#attempts(planned, { root, resolved, log }).finally(() =>
      log.close(),
    )
    const seconds = (performance.now() - started) / 1000
    if (outcome.status === 'passed') {
      const others = workshop.outputsOfOthers(step.id)
      const { value } = outcome
      if (key !== null) await cache.save({ key, step, log: log.text, root, others, value, seconds })
      if (value !== null) this.values.set(step.id, value)
      workshop.markRan(step.id)
    }
    const result = resultOf(planned, { outcome, seconds, log: log.file, reason })
    this.ran.set(step.id, result)
    return result
  }

  async #attempts(planned: PlannedStep, place: Place): Promise<Outcome> {
    const { step } = planned
    for (let attempt = 1; ; attempt++) {
      this.#parts.emit({ kind: 'started', step: step.id, attempt })
      const outcome = await this.#attempt(planned, place)
      place.log.flush()
      const retries = outcome.isLost ? Math.max(step.retries, LOST_RETRIES) : step.retries
      if (outcome.status !== 'failed' || attempt > retries) return outcome
      place.log.write(`slipway: ${outcome.reason}; try ${attempt + 1} of ${retries + 1}\n`)
      if (outcome.isLost) await sleep(LOST_PAUSE_MS)
    }
  }

  async #attempt(planned: PlannedStep, place: Place): Promise<Outcome> {
    const { step } = planned
    const { executor, signal } = this.#parts
    if (signal.aborted) return outcomeOf({ kind: 'cancelled' }, planned)
    if (step.action.kind === 'package') return this.#package(planned, place)
    const { env, sidecarEnv } = place.resolved
    const result = await executor.run({
      step,
      root: place.root,
      env: { ...this.#parts.env, ...env },
      sidecarEnv,
      onOutput: (text) => place.log.write(text),
      signal,
    })
    return outcomeOf(result, planned)
  }

  async #package({ step, origin }: PlannedStep, { root, log }: Place): Promise<Outcome> {
    const { action } = step
    if (action.kind !== 'package' || origin === null) throw new Error(`${step.id} has no origin`)
    const { service, start, output, dependencies, folder } = action
    try {
      const value = await this.#parts.packager.package({
        service,
        root: join(root, folder),
        start,
        output,
        dependencies,
        origin,
        provenance: await this.#parts.sources.provenance(),
        onOutput: (text) => log.write(text),
        signal: this.#parts.signal,
      })
      log.write(`${service} ${value.version} is ${value.digest}\n`)
      return { status: 'passed', reason: '', exitCode: null, value, isLost: false }
    } catch (error) {
      if (this.#parts.signal.aborted) return outcomeOf({ kind: 'cancelled' }, { step })
      const known = asSlipwayError(error)
      if (known === null) throw error
      log.write(`${known.message}\n`)
      return { status: 'failed', reason: known.message, exitCode: null, value: null, isLost: false }
    }
  }
}

function lacking({ step, key }: PlannedStep, need: string): StepResult {
  const { id, service } = step
  const reason = `needs ${need}, whose outputs could not be made again`
  return { id, service, status: 'skipped', seconds: 0, key, reason, log: null, exitCode: null }
}

type Place = {
  readonly root: string
  readonly resolved: ResolvedEnv
  readonly log: StepLog
}

function outcomeOf(result: ExecuteResult, { step }: Pick<PlannedStep, 'step'>): Outcome {
  const ended = { exitCode: null, value: null, isLost: false }
  switch (result.kind) {
    case 'exited': {
      const { exitCode } = result
      if (exitCode === 0) return { ...ended, status: 'passed', reason: '', exitCode }
      return { ...ended, status: 'failed', reason: `it exited with ${exitCode}`, exitCode }
    }
    case 'timed-out':
      return { ...ended, status: 'failed', reason: `it took longer than ${step.timeoutSeconds} s` }
    case 'cancelled':
      return { ...ended, status: 'cancelled', reason: 'it was ended before it was done' }
    case 'lost':
      return { ...ended, status: 'failed', reason: result.reason, isLost: true }
  }
}

type Ended = {
  readonly outcome: Outcome
  readonly seconds: number
  readonly log: string
  /** Why it ran. */
  readonly reason: string
}

function resultOf(
  { step, key }: PlannedStep,
  { outcome, seconds, log, reason }: Ended,
): StepResult {
  const status: StepStatus = outcome.status
  return {
    id: step.id,
    service: step.service,
    status,
    seconds,
    key,
    reason: status === 'passed' ? reason : outcome.reason,
    log,
    exitCode: outcome.exitCode,
  }
}
