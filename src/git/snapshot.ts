import { copyFile, mkdtemp, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { git, gitText, type Place } from './command.ts'
import { authorship } from './commit-tree.ts'

export type Snapshot = {
  /** Full SHA of a commit that no branch knows, with the work tree as it is; `base` when that is the same. */
  readonly commit: string
  /** Full SHA of what is checked out; null: nothing was committed yet. */
  readonly base: string | null
}

/**
 * The work tree with its uncommitted and untracked files (ignored ones and Slipway's own left out) as a
 * commit on no branch: the same files give the same SHA. Index, branches and files stay untouched; what
 * is new goes to the repository's objects, as `git stash create` does, and git removes it some weeks later.
 */
export async function snapshot(place: Place, base: string | null): Promise<Snapshot> {
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-snapshot-'))
  try {
    const env = { GIT_INDEX_FILE: join(scratch, 'index') }
    await copyIndex(place, env.GIT_INDEX_FILE)
    await git(place, ['add', '--all', '--', ':/', ':(top,exclude,glob)**/.slipway/**'], { env })
    const tree = await gitText(place, ['write-tree'], { env })
    const at = base === null ? 0 : await timeOf(place, base)
    if (base !== null && (await treeOf(place, base)) === tree) return { commit: base, base }
    const parents = base === null ? [] : ['-p', base]
    const args = ['commit-tree', ...parents, '-m', 'Uncommitted changes', tree]
    const commit = await gitText(place, args, { env: authorship({ actor: 'slipway', at }) })
    return { commit, base }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/**
 * With its time, never a later one: git trusts a file's entry only when the index is younger than the
 * file, and reads the file otherwise.
 */
async function copyIndex(place: Place, to: string): Promise<void> {
  const path = await gitText(place, ['rev-parse', '--git-path', 'index'])
  const index = resolve(place.folder, path)
  const found = await stat(index).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (found === null) return
  await copyFile(index, to)
  const seconds = Math.floor(found.mtimeMs) / 1000
  await utimes(to, seconds, seconds)
}

async function treeOf(place: Place, commit: string): Promise<string> {
  return gitText(place, ['rev-parse', `${commit}^{tree}`])
}

/** Milliseconds since 1970. */
async function timeOf(place: Place, commit: string): Promise<number> {
  return Number(await gitText(place, ['show', '--no-patch', '--format=%ct', commit])) * 1000
}
