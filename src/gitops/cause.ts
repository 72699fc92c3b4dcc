import { type Commit, type Trailer, trailerOf } from '../git/index.ts'
import type { CommitCause } from './workload.ts'

export const KIND = 'Slipway-Kind'
export const REJECTED = 'Slipway-Rejected'
const RELEASE = 'Slipway-Release'
const RUN = 'Slipway-Run'
const SOURCE = 'Source-Commit'
const ACTOR = 'Actor'
const REASON = 'Reason'

/** Why a commit was made. One by hand, without our trailers, is of kind `other`, by its author, because of its subject. */
export function causeOf(commit: Commit): CommitCause {
  const kind = trailerOf(commit, KIND)
  return {
    kind: kind === 'promotion' || kind === 'rollback' ? kind : 'other',
    release: trailerOf(commit, RELEASE),
    run: trailerOf(commit, RUN),
    sourceCommit: trailerOf(commit, SOURCE),
    actor: trailerOf(commit, ACTOR) ?? commit.authorEmail,
    reason: trailerOf(commit, REASON) ?? commit.subject,
    at: commit.committedAt * 1000,
  }
}

/** The trailers that say so; what is null is left out. */
export function causeTrailers(cause: Omit<CommitCause, 'at'>): readonly Trailer[] {
  const pairs: readonly (readonly [string, string | null])[] = [
    [KIND, cause.kind],
    [RELEASE, cause.release],
    [RUN, cause.run],
    [SOURCE, cause.sourceCommit],
    [ACTOR, cause.actor],
    [REASON, cause.reason],
  ]
  return pairs.flatMap(([key, value]) => (value ? [{ key, value }] : []))
}
