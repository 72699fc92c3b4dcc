import { SlipwayError } from '../errors/index.ts'

export type PipelineErrorCode =
  | 'cycle'
  | 'missing-need'
  | 'missing-secret'
  | 'not-committed'
  | 'unknown-commit'
  | 'unknown-environment'
  | 'unknown-service'
  | 'verify-step-before'
  | 'cache-not-written'

/** What a user can mend about a pipeline. Each code has a paragraph in docs/errors/pipeline.md. */
export class PipelineError extends SlipwayError<PipelineErrorCode> {}
