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
