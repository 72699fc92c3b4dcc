import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { StepCache } from './cache.ts'
import { addToHistory, type History, remember, type StepHistory } from './history.ts'
import { keepRun } from './kept-run.ts'
import type { Packager } from './packager.ts'
import { StepRunner } from './perform.ts'
import type { Plan } from './plan.ts'
import type { PlannedStep } from './planned-step.ts'
import { schedule } from './schedule.ts'
import { resolveSecrets, type SecretPlace } from './secrets.ts'
import type { Sources } from './sources.ts'
import type { Executor, Packaged, RunEvent, RunResult, StepResult } from './types.ts'
import { Workshop } from './workshop.ts'

export type RunOptions = {
  /** Names the folders of the run: letters, digits, `-` and `_`. */
  readonly id: string
  readonly plan: Plan
  readonly sources: Sources
  readonly cache: StepCache
  readonly executor: Executor
  readonly packager: Packager
  readonly folders: RunFolders
  readonly secrets: SecretPlace
  /** What the plan was made from; its counts go on. */
  readonly history: History
  /** Given to every command, declared or not: addresses of an environment that is verified. */
  readonly env?: Readonly<Record<string, string>>
  /** Steps at the same time. Default: the cores that there are. */
  readonly jobs?: number
  /** The first failure ends all that runs, instead of only what depends on it. */
  readonly failFast?: boolean
  readonly onEvent?: (event: RunEvent) => void
  /** Aborted: every process tree ends, what passed stays in the cache. */
  readonly signal?: AbortSignal
}

/** Absolute folders. */
export type RunFolders = {
  /** A folder for each run's logs. */
  readonly runs: string
  readonly checkouts: string
  /** File with what is remembered of each step. */
  readonly history: string
}

/**
 * Runs a plan: cached steps replay, the others run, each as soon as what it needs has passed.
 * A failed step is a result, not an error.
 * @throws PipelineError `missing-secret` before anything runs, `cache-not-written`
 */
export async function runPlan(options: RunOptions): Promise<RunResult> {
  const { id, plan } = options
  for (const { step, cached } of plan.steps) if (!cached) resolveSecrets(step, options.secrets)
  const started = performance.now()
  const logs = join(options.folders.runs, id)
  await mkdir(logs, { recursive: true })
  const about = { id, commit: plan.commit, steps: plan.steps.map(({ step }) => step.id) }
  await keepRun(options.folders.runs, { ...about, ok: null })
  const emit = options.onEvent ?? (() => undefined)
  emit({
    kind: 'planned',
    steps: plan.steps.map(({ step }) => ({ id: step.id, needs: step.needs })),
  })
  const failure = new AbortController()
  const cancel = options.signal ?? new AbortController().signal
  const runner: StepRunner = new StepRunner({
    ...options,
    emit,
    env: options.env ?? {},
    logs,
    signal: AbortSignal.any([cancel, failure.signal]),
    workshop: new Workshop({
      steps: plan.steps,
      sources: options.sources,
      cache: options.cache,
      folder: options.folders.checkouts,
      rebuild: (planned, reason) => runner.rebuild(planned, reason),
    }),
  })
  try {
    const results = await schedule({
      steps: plan.steps,
      jobs: options.jobs ?? availableParallelism(),
      perform: (planned) => runner.perform(planned),
      stopped: () =>
        cancel.aborted
          ? 'the run was cancelled'
          : failure.signal.aborted
            ? 'another step failed'
            : null,
      onEnd: (result) => {
        emit({ kind: 'finished', result })
        if (result.status === 'failed' && options.failFast) failure.abort()
      },
    })
    const steps = results.map((result) => runner.ran.get(result.id) ?? result)
    const result = resultOf(options, { steps, values: runner.values, started })
    await keepRun(options.folders.runs, { ...about, ok: result.ok })
    return result
  } finally {
    failure.abort()
    await runner.close()
    await addToHistory(options.folders.history, whatRan(options, runner.ran))
  }
}

type Ended = {
  readonly steps: readonly StepResult[]
  readonly values: ReadonlyMap<string, Packaged>
  readonly started: number
}

function resultOf({ id, plan }: RunOptions, { steps, values, started }: Ended): RunResult {
  const artifacts: Record<string, Packaged & { readonly cached: boolean }> = {}
  for (const { id: step, status } of steps) {
    const value = values.get(step)
    if (value !== undefined) artifacts[value.service] = { ...value, cached: status === 'cached' }
  }
  return {
    id,
    commit: plan.commit,
    ok: steps.every(({ status }) => status === 'passed' || status === 'cached'),
    seconds: (performance.now() - started) / 1000,
    steps,
    artifacts,
  }
}

function whatRan({ plan, history }: RunOptions, ran: ReadonlyMap<string, StepResult>): History {
  const entry = ({ step, fingerprint }: PlannedStep): [string, StepHistory][] => {
    const result = ran.get(step.id)
    if (result === undefined || result.status === 'cancelled') return []
    return [[step.id, remember(history[step.id], { commit: plan.commit, fingerprint, result })]]
  }
  return Object.fromEntries(plan.steps.flatMap(entry))
}
