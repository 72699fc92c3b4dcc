import type { Repository } from '../git/index.ts'
import { causeOf, causeTrailers, REJECTED } from './cause.ts'
import { GitopsError } from './gitops-error.ts'
import { ownerOf, workloadFile } from './layout.ts'
import { type Change, filesAt, filesOf } from './tip.ts'
import type { CommitCause } from './workload.ts'
import { parseWorkload } from './workload-yaml.ts'

/**
 * What to undo:
 * - `commit` alone: every workload that this commit of the environment repo changed
 * - `commit` and `services`: the last change, at that commit, of each of these
 * - `services` alone: whatever brought them the rejected digest
 */
export type Rollback = {
  readonly environment: string
  readonly reason: string
  readonly actor: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** Commits before it that never came to serve, another one came too soon: they are undone with it, not gone back to. Absent: none. */
  readonly superseded?: readonly string[]
} & (
  | {
      readonly commit: string
      readonly services?: readonly string[]
      /** Written into the commit; null: no digest was rejected (a configuration was). */
      readonly rejected: string | null
    }
  | {
      readonly commit?: undefined
      readonly services: readonly string[]
      readonly rejected: string
    }
)

/** A workload that was left as it is, and why in words. */
export type Kept = { readonly service: string; readonly why: string }

export type RollbackPlan = { readonly change: Change | null; readonly kept: readonly Kept[] }

type Restored = { readonly file: string; readonly service: string; readonly text: string | null }

/**
 * The commit that undoes it on top of `tip`. A workload goes back only if it still is as the undone commit wrote it, so doing it
 * twice changes nothing, and what a newer commit says is never lost.
 */
export async function planRollback(
  repository: Repository,
  tip: string,
  rollback: Rollback,
): Promise<RollbackPlan> {
  const { environment } = rollback
  const files = await filesAt(repository, tip, environment)
  const kept: Kept[] = []
  const restored: Restored[] = []
  for (const service of await servicesOf(repository, rollback)) {
    const file = workloadFile(environment, service)
    const now = files.get(file) ?? null
    const outcome = await restore(repository, { rollback, tip, file, now })
    if ('why' in outcome) kept.push({ service, why: outcome.why })
    else restored.push({ file, service, text: outcome.text })
  }
  const left = new Map<string, string | null>(files)
  for (const { file, text } of restored) left.set(file, text)
  if (restored.length > 0 && [...left.values()].every((text) => text === null)) {
    const why = `there was nothing in ${environment} before it`
    return { change: null, kept: [...kept, ...restored.map(({ service }) => ({ service, why }))] }
  }
  if (restored.length === 0) return { change: null, kept }
  const before = await causeBefore(repository, rollback.commit ?? tip, rollback)
  return { change: changeOf(rollback, restored, before), kept }
}

async function servicesOf(repository: Repository, rollback: Rollback): Promise<readonly string[]> {
  if (rollback.services) return [...rollback.services].sort()
  if (rollback.commit === undefined) return []
  const services = new Set<string>()
  for (const commit of [rollback.commit, ...(rollback.superseded ?? [])]) {
    const { parents } = await repository.commit(commit)
    for (const path of await repository.changedFiles(parents[0] ?? null, commit)) {
      const owner = ownerOf(path)
      if (owner?.environment === rollback.environment) services.add(owner.service)
    }
  }
  return [...services].sort()
}

type File = {
  readonly rollback: Rollback
  readonly tip: string
  readonly file: string
  /** Its text at the tip; null: it is not there. */
  readonly now: string | null
}

async function restore(
  repository: Repository,
  { rollback, tip, file, now }: File,
): Promise<{ readonly text: string | null } | { readonly why: string }> {
  const undone = rollback.commit ?? tip
  const wrote = (await repository.readFile(undone, file))?.toString() ?? null
  if (now !== wrote) return { why: 'it has changed since' }
  if (now === null && rollback.services) return { why: 'it is not there' }
  const isGood = (text: string) => {
    const digest = digestIn(text, file)
    return digest !== null && (rollback.commit !== undefined || digest !== rollback.rejected)
  }
  if (rollback.commit === undefined && now !== null && digestIn(now, file) !== rollback.rejected) {
    return { why: 'it does not run the rejected digest' }
  }
  const { superseded = [] } = rollback
  return { text: await lastGood(repository, { before: undone, file, superseded, isGood }) }
}

/** The file's last good text before its newest change up to a commit; null: it was not there. */
async function lastGood(
  repository: Repository,
  query: {
    readonly before: string
    readonly file: string
    readonly superseded: readonly string[]
    readonly isGood: (text: string) => boolean
  },
): Promise<string | null> {
  const [, ...older] = await repository.log({ to: query.before, paths: [query.file] })
  for (const { commit } of older) {
    if (query.superseded.includes(commit)) continue
    const text = (await repository.readFile(commit, query.file))?.toString() ?? null
    if (text === null || query.isGood(text)) return text
  }
  return null
}

/** Null: the file is broken, so it never was in force. */
function digestIn(text: string, file: string): string | null {
  try {
    return parseWorkload(text, file).artifact.digest
  } catch (error) {
    if (error instanceof GitopsError && error.code === 'broken-workload') return null
    throw error
  }
}

/** Why the environment was as it is again now; null: it was not there. */
async function causeBefore(
  repository: Repository,
  undone: string,
  { environment, superseded = [] }: Rollback,
): Promise<CommitCause | null> {
  const paths = filesOf(environment)
  const limit = 2 + superseded.length
  const [, ...older] = await repository.log({ to: undone, limit, paths })
  const before = older.find(({ commit }) => !superseded.includes(commit))
  return before ? causeOf(before) : null
}

function changeOf(
  rollback: Rollback,
  restored: readonly Restored[],
  before: CommitCause | null,
): Change {
  const services = restored.map(({ service }) => service)
  const undone = rollback.commit ? `Undoes ${rollback.commit}.` : ''
  const trailers = causeTrailers({
    kind: 'rollback',
    release: before?.release ?? null,
    run: before?.run ?? null,
    sourceCommit: before?.sourceCommit ?? null,
    actor: rollback.actor,
    reason: rollback.reason,
  })
  const rejected = rollback.rejected ? [{ key: REJECTED, value: rollback.rejected }] : []
  return {
    changes: new Map(restored.map(({ file, text }) => [file, text])),
    services,
    message: {
      subject: `Roll back ${services.join(', ')} in ${rollback.environment}`,
      body: undone,
      trailers: [...trailers, ...rejected],
    },
  }
}
