import type { Project } from '../config/index.ts'
import type { RunEvent, RunResult } from '../pipeline/index.ts'
import type { Release } from '../release/index.ts'
import type { RunRecord } from './records.ts'
import type { World } from './world.ts'

/** Notices commits on the branches that environments take, runs their pipeline, and makes releases of what passes. */
export class Runs {
  readonly #world: World
  readonly #listeners = new Set<(run: string, event: RunEvent) => void>()
  #current: {
    readonly id: string
    readonly branch: string
    readonly abort: AbortController
    readonly done: Promise<void>
  } | null = null

  constructor(world: World) {
    this.#world = world
  }

  /** Every event of every run from now on, until the returned function is called. */
  listen(listener: (run: string, event: RunEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Starts what is new. One run at a time: the cores are one machine's. A newer commit of the branch ends an older run. */
  async look(project: Project): Promise<void> {
    for (const branch of branchesOf(project)) {
      const commit = await this.#world.source.head(branch)
      if (commit === null || this.#world.ledger.get('run', runId(commit)) !== null) continue
      if (this.#current !== null) {
        if (this.#current.branch === branch) this.#current.abort.abort()
        continue
      }
      await this.start(commit, branch, 'slipway')
    }
  }

  /** Runs a commit's pipeline in the background; returns the run's id. */
  async start(commit: string, branch: string, actor: string): Promise<string> {
    const id = runId(commit)
    const record: RunRecord = {
      id,
      commit,
      branch,
      subject: await this.#world.source.subject(commit),
      status: 'running',
      startedAt: this.#world.now(),
      endedAt: null,
      reason: `${branch} is at ${commit.slice(0, 12)}`,
      steps: [],
      built: [],
      cached: [],
    }
    this.#world.ledger.put(
      'run',
      { id, value: record },
      { type: 'run.started', actor, data: { commit, branch } },
    )
    const abort = new AbortController()
    const done = this.#run(record, abort.signal).finally(() => {
      this.#current = null
    })
    this.#current = { id, branch, abort, done }
    return id
  }

  /** Ends the run under way, its process trees too. */
  async stop(): Promise<void> {
    this.#current?.abort.abort()
    await this.#current?.done
  }

  /** A run that a process which is gone had under way starts again from its cache. */
  forgetLost(): void {
    for (const { id, value } of this.#world.ledger.list('run')) {
      if (value.status !== 'running') continue
      this.#world.ledger.remove('run', id, { type: 'run.lost', actor: 'slipway' })
    }
  }

  async #run(record: RunRecord, signal: AbortSignal): Promise<void> {
    const { id, commit, branch } = record
    try {
      const onEvent = (event: RunEvent) => {
        for (const listener of this.#listeners) listener(id, event)
      }
      const result = await this.#world.runner.run({ id, commit, branch, signal, onEvent })
      if (signal.aborted) this.#end(record, 'superseded', { reason: 'a newer commit came', result })
      else if (!result.ok) this.#end(record, 'failed', { reason: failureOf(result), result })
      else
        this.#release(this.#end(record, 'passed', { reason: 'every step passed', result }), result)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#end(record, signal.aborted ? 'superseded' : 'failed', { reason, result: null })
    }
  }

  #end(
    record: RunRecord,
    status: RunRecord['status'],
    end: { readonly reason: string; readonly result: RunResult | null },
  ): RunRecord {
    const artifacts = Object.entries(end.result?.artifacts ?? {})
    const value: RunRecord = {
      ...record,
      status,
      reason: end.reason,
      endedAt: this.#world.now(),
      steps: end.result?.steps ?? [],
      built: artifacts.filter(([, artifact]) => !artifact.cached).map(([service]) => service),
      cached: artifacts.filter(([, artifact]) => artifact.cached).map(([service]) => service),
    }
    const data = { reason: end.reason, built: value.built, cached: value.cached }
    this.#world.ledger.put(
      'run',
      { id: record.id, value },
      { type: `run.${status}`, actor: 'slipway', data },
    )
    return value
  }

  #release(run: RunRecord, result: RunResult): void {
    const { ledger, now } = this.#world
    const id = run.commit.slice(0, 12)
    if (ledger.get('release', id) !== null) return
    const last = Math.max(0, ...ledger.values('release').map((release) => release.sequence))
    const services = Object.fromEntries(
      Object.entries(result.artifacts).map(([service, { digest, version, commit }]) => [
        service,
        { digest, version, commit },
      ]),
    )
    const release: Release = {
      id,
      sequence: last + 1,
      commit: run.commit,
      branch: run.branch,
      run: run.id,
      subject: run.subject,
      createdAt: now(),
      services,
    }
    ledger.put(
      'release',
      { id, value: release },
      { type: 'release.made', actor: 'slipway', data: services },
    )
  }
}

export function runId(commit: string): string {
  return `run-${commit.slice(0, 12)}`
}

function branchesOf(project: Project): readonly string[] {
  const sources = Object.values(project.environments).map((environment) => environment.from)
  return [...new Set(sources.flatMap((from) => (from.kind === 'branch' ? [from.branch] : [])))]
}

function failureOf(result: RunResult): string {
  const failed = result.steps.filter((step) => step.status === 'failed')
  return failed.map((step) => `${step.id}: ${step.reason}`).join('; ') || 'a step failed'
}
