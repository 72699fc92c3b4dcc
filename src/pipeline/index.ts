/**
 * pipeline: which steps a commit needs, in which order, and running them.
 * Nouns: Step, Graph, Plan, Run, StepCache, Sources (a commit's files), Packager (makes artifacts);
 * the Executor seam (process/). `graphOf` and `plan` are pure; `prepare` gathers the facts for a
 * plan, `runPlan` acts on it; Pipeline ties both to one repository. It never builds an image itself and never touches an environment.
 * Read first: types.ts, then graph.ts, plan.ts, run.ts.
 */
export { type CacheEntry, StepCache } from './cache.ts'
export { type GitSourcesParts, gitSources } from './git-sources.ts'
export { graphOf, graphOfServices, subgraph, verifySteps } from './graph.ts'
export type { History } from './history.ts'
export { type KeptLog, type KeptRun, keptLogs, keptRun, keptRunIds } from './kept-run.ts'
export type { PackageRequest, Packager } from './packager.ts'
export {
  Pipeline,
  type PipelineParts,
  type PlanRequest,
  type ProjectAt,
  type ProjectFile,
  type RunRequest,
  type VerifyRequest,
} from './pipeline.ts'
export { PipelineError, type PipelineErrorCode } from './pipeline-error.ts'
export { type Facts, type Plan, plan } from './plan.ts'
export type { PlannedStep } from './planned-step.ts'
export { type Prepared, type PrepareOptions, prepare } from './prepare.ts'
export { type ProcessOptions, processExecutor } from './process/index.ts'
export { type RunFolders, type RunOptions, runPlan } from './run.ts'
export type { SecretPlace } from './secrets.ts'
export type { Checkout, Origin, Provenance, Sources } from './sources.ts'
export { Tree, type TreeEntry } from './tree.ts'
export type {
  ExecuteRequest,
  ExecuteResult,
  Executor,
  Graph,
  Packaged,
  RunEvent,
  RunResult,
  Step,
  StepAction,
  StepResult,
  StepStatus,
} from './types.ts'
