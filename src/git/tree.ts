import { git, gitText, type Place } from './command.ts'
import { GitError } from './errors.ts'
import { checkedRef } from './name.ts'

export type TreeEntry = {
  /** From the top of the repository, with `/`. */
  readonly path: string
  /** `100644`, `100755`, `120000` (symbolic link) or `160000` (submodule). */
  readonly mode: string
  /** Object id of the content; of a submodule, its commit. */
  readonly blob: string
}

/**
 * Every file of a commit in one call, sorted by the bytes of its path.
 * @param paths literal files and folders from the top; empty: all
 */
export async function listTree(
  place: Place,
  commit: string,
  paths: readonly string[] = [],
): Promise<readonly TreeEntry[]> {
  const args = ['ls-tree', '-r', '-z', '--full-tree', checkedRef(commit), '--', ...paths]
  const text = (await git(place, args)).toString('utf8')
  return text.split('\0').slice(0, -1).map(parseEntry)
}

/**
 * Paths whose content, mode or existence differs. A renamed file is there twice: its old path and its new one.
 * @param from null: everything in `to` is new
 */
export async function changedFiles(
  place: Place,
  from: string | null,
  to: string,
): Promise<readonly string[]> {
  if (from === null) return (await listTree(place, to)).map((entry) => entry.path)
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--name-only', '--no-relative']
  const text = (await git(place, [...args, checkedRef(from), checkedRef(to), '--'])).toString(
    'utf8',
  )
  return text.split('\0').slice(0, -1)
}

/** Content of a file of a commit; null: there is no file at that path. */
export async function readFile(place: Place, commit: string, path: string): Promise<Buffer | null> {
  const entries = await listTree(place, commit, [path])
  const entry = entries.find((candidate) => candidate.path === path)
  if (!entry || entry.mode === '160000') return null
  return git(place, ['cat-file', 'blob', entry.blob])
}

/**
 * Contents by object id, all in one call.
 * @throws GitError `git-failed` when an object is not in the repository
 */
export async function readBlobs(
  place: Place,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  const contents = new Map<string, Buffer>()
  if (ids.length === 0) return contents
  const output = await git(place, ['cat-file', '--batch'], { input: `${ids.join('\n')}\n` })
  let at = 0
  for (const id of ids) {
    const headEnd = output.indexOf('\n', at)
    const head = output.toString('utf8', at, headEnd)
    const size = Number(head.split(' ')[2])
    if (!/ blob \d+$/.test(head)) throw missingBlob(place, id)
    contents.set(id, output.subarray(headEnd + 1, headEnd + 1 + size))
    at = headEnd + 1 + size + 1
  }
  return contents
}

/**
 * Full ids of what the names mean (`main^{commit}`, `HEAD:./slipway.yaml` from the opened folder on),
 * in their order and all in one call; null: nothing has that name.
 */
export async function idsOf(
  place: Place,
  names: readonly string[],
): Promise<readonly (string | null)[]> {
  const input = `${names.map(checkedRef).join('\n')}\n`
  const answer = await gitText(place, ['cat-file', '--batch-check'], { input })
  return answer.split('\n').map((line) => /^([0-9a-f]{40,}) \w+ \d+$/.exec(line)?.[1] ?? null)
}

function parseEntry(line: string): TreeEntry {
  const tab = line.indexOf('\t')
  const [mode = '', , blob = ''] = line.slice(0, tab).split(' ')
  return { path: line.slice(tab + 1), mode, blob }
}

function missingBlob(place: Place, id: string): GitError {
  return new GitError({
    code: 'git-failed',
    fault: 'outside',
    message: `object ${id} is not in ${place.folder}: fetch it, or repair the repository (git fsck)`,
  })
}
