import { SlipwayError } from '../errors/index.ts'

/** What can be wrong about what is to be judged. Each has a paragraph in docs/errors/analysis.md. */
export type AnalysisErrorCode =
  | 'judge-settings-invalid'
  | 'tick-invalid'
  | 'ticks-missing'
  | 'ticks-unreadable'
  | 'rollout-not-judged'

export class AnalysisError extends SlipwayError<AnalysisErrorCode> {}
