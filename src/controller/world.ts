import type { MetricSource } from '../analysis/index.ts'
import type { Project } from '../config/index.ts'
import type { RunEvent, RunResult } from '../pipeline/index.ts'
import type { Platform } from '../platform/index.ts'
import type { TrafficRouter } from '../traffic/index.ts'
import type { EnvironmentView } from './environment-view.ts'
import type { Ledger } from './records.ts'

/** Everything outside that the loops act on. */
export interface World {
  /** Milliseconds since 1970, never going back while the process lives. */
  readonly now: () => number
  readonly ledger: Ledger
  readonly platform: Platform
  readonly traffic: TrafficRouter
  readonly metrics: MetricSource
  readonly environments: EnvironmentView
  readonly source: Source
  readonly runner: Runner
  /** Tells people something that is in no record: an error that will be tried again. */
  readonly note: (text: string) => void
}

/** The repository that the project lives in. */
export interface Source {
  /** Full SHA of a branch's head; null: there is no such branch. */
  head(branch: string): Promise<string | null>
  subject(commit: string): Promise<string>
  /** The project as it is at a commit, or in the work tree. Throws ConfigError when the file is wrong. */
  project(commit: string | null): Promise<Project>
}

/** Runs pipelines. */
export interface Runner {
  /** Build, test and package a commit. */
  run(request: RunRequest): Promise<RunResult>
  /** An environment's verify steps, against its addresses. Resolves to what failed; null: nothing did. */
  verify(request: VerifyRequest): Promise<string | null>
}

export type RunRequest = {
  readonly id: string
  readonly commit: string
  readonly branch: string
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
}

export type VerifyRequest = {
  readonly id: string
  readonly commit: string
  readonly environment: string
  /** Service → address under which the steps reach it, given to them as `NAME_URL`. */
  readonly addresses: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}
