import { git, gitText, type Place } from './command.ts'
import type { Trailer } from './message.ts'
import { checkedRef } from './name.ts'

export type Commit = {
  /** Full SHA. */
  readonly commit: string
  /** Full SHAs; empty: the first commit. */
  readonly parents: readonly string[]
  readonly author: string
  readonly authorEmail: string
  /** Seconds since 1970. */
  readonly committedAt: number
  readonly subject: string
  /** Everything after the subject, trailers included. */
  readonly body: string
  /** In the order of the message, as `git interpret-trailers` reads them. */
  readonly trailers: readonly Trailer[]
}

export type LogQuery = {
  readonly to: string
  /** Commits reachable from it are left out; absent: none is. */
  readonly from?: string | null
  readonly limit?: number
  /** Globs from the top of the repository; a folder stands for all in it. Absent: every commit. */
  readonly paths?: readonly string[]
}

/** What a commit changed. */
export type Change = Pick<Commit, 'commit' | 'parents' | 'committedAt'> & {
  /** For each parent, in their order, the paths that differ; of a first commit one list of all its paths. */
  readonly changed: readonly (readonly string[])[]
}

const SEPARATOR = '\u001e'
const FIELDS = [
  '%H',
  '%P',
  '%an',
  '%ae',
  '%ct',
  '%s',
  '%b',
  '%(trailers:only=true,unfold=true,separator=%x1e)',
]

/** Commits, newest first. */
export async function log(place: Place, query: LogQuery): Promise<readonly Commit[]> {
  const limit = query.limit === undefined ? [] : [`--max-count=${query.limit}`]
  const range = [checkedRef(query.to), ...(query.from ? [`^${checkedRef(query.from)}`] : [])]
  const format = `--format=tformat:${FIELDS.join('%x00')}`
  const args = ['log', '-z', '--no-color', format, ...limit, ...range]
  const text = (await git(place, [...args, '--', ...globs(query.paths)])).toString('utf8')
  return parseLog(text)
}

/**
 * The newest commits up to `to` with what each changed, all in one call; a renamed file is there
 * twice. A merge of which the call does not tell enough is left out.
 */
export async function changes(
  place: Place,
  { to, limit }: { readonly to: string; readonly limit: number },
): Promise<readonly Change[]> {
  const diff = ['-m', '--root', '--no-renames', '--name-only', '--no-relative']
  const args = ['log', '-z', '--no-color', ...diff, '--format=tformat:%x1e%H %T %P %ct']
  const text = (await git(place, [...args, `--max-count=${limit}`, checkedRef(to), '--'])).toString(
    'utf8',
  )
  return parseChanges(text)
}

/** Full SHA of the newest commit up to `commit` that changed any of the paths; null: none did. */
export async function lastCommitTouching(
  place: Place,
  commit: string,
  paths: readonly string[],
): Promise<string | null> {
  const args = ['log', '--max-count=1', '--format=%H', '--no-color', checkedRef(commit)]
  return (await gitText(place, [...args, '--', ...globs(paths)])) || null
}

/** From the top, wherever git runs; `*` stops at `/`, `**` does not. */
function globs(paths: readonly string[] = []): readonly string[] {
  return paths.map((path) => `:(top,glob)${path}`)
}

type Listed = Omit<Change, 'changed'> & { readonly tree: string; readonly lists: string[][] }

function parseChanges(text: string): readonly Change[] {
  const listed = new Map<string, Listed>()
  let paths: string[] = []
  for (const field of text.split('\0')) {
    const [, commit, tree = '', parents = '', at] = headOf(field)
    if (commit !== undefined) {
      const known = listed.get(commit) ?? {
        commit,
        tree,
        parents: parents === '' ? [] : parents.split(' '),
        committedAt: Number(at),
        lists: [],
      }
      listed.set(commit, known)
      paths = []
      known.lists.push(paths)
    } else if (field !== '') {
      // Git ends the line of the format with a break, -z or not.
      paths.push(paths.length === 0 ? field.replace(/^\n/, '') : field)
    }
  }
  return [...listed.values()].flatMap((each) => byParent(each, listed))
}

const HEAD = /^([0-9a-f]{40,}) ([0-9a-f]{40,}) (.*) (\d+)$/

function headOf(field: string): readonly (string | undefined)[] {
  return (field.startsWith(SEPARATOR) && HEAD.exec(field.slice(1))) || []
}

/** Git is silent about a parent of a merge from which nothing differs: that one has the same tree. */
function byParent(
  { commit, tree, parents, committedAt, lists }: Listed,
  listed: ReadonlyMap<string, Listed>,
): readonly Change[] {
  if (parents.length < 2) return [{ commit, parents, committedAt, changed: lists }]
  const told = lists.filter((paths) => paths.length > 0)
  const isSame = parents.map((parent) => listed.get(parent)?.tree === tree)
  if (told.length + isSame.filter(Boolean).length !== parents.length) return []
  const changed = isSame.map((same) => (same ? [] : told.shift()!))
  return [{ commit, parents, committedAt, changed }]
}

function parseLog(text: string): readonly Commit[] {
  const fields = text.split('\0')
  const commits: Commit[] = []
  for (let at = 0; at + FIELDS.length <= fields.length; at += FIELDS.length) {
    commits.push(parseCommit(fields.slice(at, at + FIELDS.length)))
  }
  return commits
}

function parseCommit(fields: readonly string[]): Commit {
  const [commit = '', parents = '', author = '', authorEmail = '', at = '', subject = ''] = fields
  return {
    commit,
    parents: parents === '' ? [] : parents.split(' '),
    author,
    authorEmail,
    committedAt: Number(at),
    subject,
    body: (fields[6] ?? '').trimEnd(),
    trailers: parseTrailers(fields[7] ?? ''),
  }
}

function parseTrailers(text: string): readonly Trailer[] {
  return text.split(SEPARATOR).flatMap((line) => {
    const colon = line.indexOf(':')
    return colon < 0 ? [] : [{ key: line.slice(0, colon), value: line.slice(colon + 1).trim() }]
  })
}
