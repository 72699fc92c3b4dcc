import type { AnalysisSettings, Environ, Objectives, Probe, Strategy } from '../config/index.ts'

/** A service resolved for one environment: one file in the environment repo, `ENVIRONMENT/SERVICE.yaml`. */
export type Workload = {
  readonly service: string
  readonly environment: string
  readonly artifact: { readonly digest: string; readonly version: string; readonly commit: string }
  readonly replicas: number
  readonly env: Environ
  readonly needs: readonly string[]
  readonly ready: Probe
  readonly drainSeconds: number
  readonly stopSeconds: number
  readonly memoryBytes: number | null
  /** During a rollout a client keeps the version that it met first. */
  readonly sticky: boolean
  readonly strategy: Strategy
  readonly objectives: Objectives
  readonly analysis: AnalysisSettings
}

/** What an environment's repo says at one commit. */
export type DesiredState = {
  readonly environment: string
  /** Commit of the environment repo: the newest that touched this environment. */
  readonly commit: string
  readonly workloads: readonly Workload[]
  /** Trailers of the last commit that touched the environment. */
  readonly cause: CommitCause
}

/** Why a commit of the environment repo was made, as its trailers say. Null: they do not. */
export type CommitCause = {
  readonly kind: 'promotion' | 'rollback' | 'other'
  readonly release: string | null
  readonly run: string | null
  readonly sourceCommit: string | null
  readonly actor: string
  readonly reason: string
  /** Milliseconds since 1970, in whole seconds. */
  readonly at: number
}
