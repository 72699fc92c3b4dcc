/**
 * gitops: what must run where, kept in a Git repository.
 * Decides what an environment runs of a release (render), what would change (diff), and which commit a
 * promotion or a rollback is. Nouns: Workload, DesiredState, EnvironmentRepo, Held. It never runs
 * anything, never removes what it was not told to remove, and never changes a commit that is there.
 * Read first: workload.ts, then render.ts and environment-repo.ts.
 */
export { diff, diffText, type FieldChange, type WorkloadDiff } from './diff.ts'
export {
  type EnvironmentCommit,
  type EnvironmentRepo,
  type EnvironmentRepoPlace,
  openEnvironmentRepo,
  type RolledBack,
  type Written,
} from './environment-repo.ts'
export { GitopsError, type GitopsErrorCode } from './gitops-error.ts'
export type { Held, Promotion } from './promotion.ts'
export { type ReleasedSet, render } from './render.ts'
export { revisionOf } from './revision.ts'
export type { Kept, Rollback } from './rollback.ts'
export type { CommitCause, DesiredState, Workload } from './workload.ts'
export { parseWorkload, workloadYaml } from './workload-yaml.ts'
