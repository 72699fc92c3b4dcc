import { SlipwayError } from '../errors/index.ts'

export type GitErrorCode =
  | 'bad-name'
  | 'folder-in-use'
  | 'git-failed'
  | 'git-missing'
  | 'git-timed-out'
  | 'not-a-repository'
  | 'push-declined'
  | 'remote-denied'
  | 'remote-not-found'
  | 'remote-unreachable'
  | 'unknown-commit'

/** What a user can mend about a repository. Each code has a paragraph in docs/errors/git.md. */
export class GitError extends SlipwayError<GitErrorCode> {}
