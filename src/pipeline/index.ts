/**
 * pipeline: which steps a commit needs, in which order, and running them.
 * Nouns: Step, Graph, Plan, Run; the Executor seam (process/). `plan` and `ready` are pure.
 * It never builds an image and never touches an environment. Read first: types.ts, then plan.ts.
 */
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
