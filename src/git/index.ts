/**
 * git: the one place that calls git.
 * Nouns: Repository (one on disk), Commit, Trailer, TreeEntry, PushResult. It decides what git's words
 * mean (a lost race, a refusal, an unreachable remote) and nothing else. It never runs a shell or a hook
 * of the user's, never asks on a terminal, and never pushes by force.
 * Read first: repository.ts, then command.ts (how git is called).
 */
export { withoutCredentials } from './address.ts'
export type { NewCommit } from './commit-tree.ts'
export { cloneBare, initBare, initRepository } from './create.ts'
export { GitError, type GitErrorCode } from './errors.ts'
export type { Change, Commit, LogQuery } from './history.ts'
export { commitMessage, type Message, type Trailer, trailerOf } from './message.ts'
export type { PushResult } from './remote.ts'
export { openRepository, type Repository } from './repository.ts'
export type { Snapshot } from './snapshot.ts'
export type { TreeEntry } from './tree.ts'
