import type { Environ, Sidecar } from '../config/index.ts'

/** One command of a run. `id` is unique in the graph: `orders:test`, `lint`, `lint[node=24]`. */
export type Step = {
  readonly id: string
  /** The service it belongs to; null: the whole project. */
  readonly service: string | null
  readonly action: StepAction
  /** Ids of steps that must have passed, their outputs in place. */
  readonly needs: readonly string[]
  /** Globs relative to the checkout's root. */
  readonly inputs: readonly string[]
  /** Paths relative to the checkout's root that the cache keeps. */
  readonly outputs: readonly string[]
  readonly env: Environ
  readonly sidecars: Readonly<Record<string, Sidecar>>
  readonly timeoutSeconds: number
  readonly retries: number
  readonly cache: boolean
}

export type StepAction =
  /** A command line, run by `/bin/sh -c` in `folder` (relative to the checkout's root). */
  | { readonly kind: 'command'; readonly run: string; readonly folder: string }
  /** Makes the service's artifact from its build output; paths relative to `folder`. */
  | {
      readonly kind: 'package'
      readonly service: string
      readonly folder: string
      readonly start: string
      readonly output: readonly string[]
      readonly dependencies: readonly string[]
    }

/** The graph of a run: every step's needs are in it and there is no cycle. */
export type Graph = {
  readonly steps: readonly Step[]
  /** Globs that affect every service; they are among the inputs of its steps too. */
  readonly shared: readonly string[]
}

export type StepStatus =
  | 'waiting'
  | 'running'
  | 'passed'
  | 'cached'
  | 'failed'
  | 'cancelled'
  | 'skipped'

export type StepResult = {
  readonly id: string
  readonly service: string | null
  readonly status: StepStatus
  readonly seconds: number
  /** Cache key; null: the step is never cached. */
  readonly key: string | null
  /** Why it ran or was cached, or how it failed, in words. */
  readonly reason: string
  /** Absolute path of its log. */
  readonly log: string | null
  readonly exitCode: number | null
}

/** What `package` made: kept in the step's cache entry, so that a cached step names the same digest. */
export type Packaged = {
  readonly service: string
  readonly digest: string
  readonly version: string
  readonly commit: string
}

export type RunResult = {
  readonly id: string
  readonly commit: string
  readonly ok: boolean
  readonly seconds: number
  readonly steps: readonly StepResult[]
  readonly artifacts: Readonly<Record<string, Packaged & { readonly cached: boolean }>>
}

/** Runs the command of a step. Every implementation passes `executor.contract.ts`. */
export interface Executor {
  run(request: ExecuteRequest): Promise<ExecuteResult>
}

export type ExecuteRequest = {
  readonly step: Step
  /** Absolute root of the checkout. */
  readonly root: string
  /** Environment of the command, declared values with secrets resolved; nothing else is inherited but PATH, HOME and the like. */
  readonly env: Readonly<Record<string, string>>
  /** Sidecar → its declared environment, secrets resolved. */
  readonly sidecarEnv: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Each piece of output as it comes; the caller masks secrets in it. */
  readonly onOutput: (text: string) => void
  /** Aborted: the whole process tree ends, sidecars too. */
  readonly signal: AbortSignal
}

export type ExecuteResult =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'cancelled' }
  /** The command could not be run at all (a sidecar never got ready): worth another try. */
  | { readonly kind: 'lost'; readonly reason: string }

/** Live view of a run, for the terminal and the event log. */
export type RunEvent =
  | {
      readonly kind: 'planned'
      readonly steps: readonly { readonly id: string; readonly needs: readonly string[] }[]
    }
  | { readonly kind: 'started'; readonly step: string; readonly attempt: number }
  | { readonly kind: 'output'; readonly step: string; readonly text: string }
  | { readonly kind: 'finished'; readonly result: StepResult }
