import { SlipwayError } from '../errors/index.ts'

export type GitopsErrorCode =
  | 'bad-environment-name'
  | 'broken-workload'
  | 'digest-held'
  | 'empty-render'
  | 'lost-every-race'
  | 'unknown-environment'
  | 'unknown-service'

/** What a user can mend about what an environment shall run. Each code has a paragraph in docs/errors/gitops.md. */
export class GitopsError extends SlipwayError<GitopsErrorCode> {}
