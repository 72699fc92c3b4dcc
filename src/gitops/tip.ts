import type { Message, Repository } from '../git/index.ts'
import { causeOf } from './cause.ts'
import { isIn } from './layout.ts'
import type { CommitCause } from './workload.ts'

/** One commit to be made on top of the tip. */
export type Change = {
  /** Path → new text; null: the file goes. */
  readonly changes: ReadonlyMap<string, string | null>
  /** What it touches, sorted. */
  readonly services: readonly string[]
  readonly message: Message
}

/** Texts of an environment's own workload files at a commit, path → text. */
export async function filesAt(
  repository: Repository,
  commit: string,
  environment: string,
): Promise<ReadonlyMap<string, string>> {
  const entries = (await repository.listTree(commit, [environment])).filter(
    ({ path, mode }) => isIn(environment, path) && mode.startsWith('100'),
  )
  const contents = await repository.readBlobs(entries.map(({ blob }) => blob))
  return new Map(entries.map(({ path, blob }) => [path, contents.get(blob)?.toString() ?? '']))
}

/** The newest commit up to `commit` that touched an environment, and why it was made; null: none ever did. */
export async function lastChange(
  repository: Repository,
  commit: string,
  environment: string,
): Promise<{ readonly commit: string; readonly cause: CommitCause } | null> {
  const [last] = await repository.log({ to: commit, limit: 1, paths: filesOf(environment) })
  return last ? { commit: last.commit, cause: causeOf(last) } : null
}

/** Globs of an environment's workload files, not those of `ENVIRONMENT/…/`. */
export function filesOf(environment: string): readonly string[] {
  return [`${environment}/*.yaml`, `${environment}/*.yml`]
}
