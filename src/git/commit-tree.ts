import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git, gitText, type Place } from './command.ts'
import { identityOf } from './identity.ts'
import { commitMessage, type Message } from './message.ts'
import { checkedPath, checkedRef } from './name.ts'

export type NewCommit = {
  /** Full SHA; null: the first commit of a history. */
  readonly parent: string | null
  /** Path from the top → the whole new content; null: the file goes. What is not named stays. */
  readonly changes: ReadonlyMap<string, string | null>
  readonly message: Message
  /** `ada@example.com`, `Ada <ada@example.com>` or `slipway`. */
  readonly actor: string
  /** Milliseconds since 1970; git keeps whole seconds. */
  readonly at: number
}

/** Makes a commit with an index of its own: no work tree, no branch and no index of the repository changes. */
export async function commitTree(place: Place, commit: NewCommit): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-commit-'))
  try {
    const env = { GIT_INDEX_FILE: join(scratch, 'index') }
    if (commit.parent) await git(place, ['read-tree', checkedRef(commit.parent)], { env })
    const input = await indexInfo(place, commit, scratch)
    await git(place, ['update-index', '-z', '--index-info'], { env, input })
    const tree = await gitText(place, ['write-tree'], { env })
    const parents = commit.parent ? ['-p', commit.parent] : []
    return await gitText(place, ['commit-tree', ...parents, '-F', '-', tree], {
      env: authorship(commit),
      input: commitMessage(commit.message),
    })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Who and when, as git takes it from its environment. The committer stays Slipway. */
export function authorship({ actor, at }: { readonly actor: string; readonly at: number }) {
  const { name, email } = identityOf(actor)
  const date = `@${Math.floor(at / 1000)} +0000`
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
  }
}

/** Lines for `git update-index --index-info`: `MODE ID\tPATH`, mode 0 for what goes. */
async function indexInfo(
  place: Place,
  { parent, changes }: NewCommit,
  scratch: string,
): Promise<string> {
  const written = [...changes].filter((change) => change[1] !== null)
  const files = await Promise.all(
    written.map(async ([, content], index) => {
      const file = join(scratch, `${index}`)
      await writeFile(file, content ?? '')
      return file
    }),
  )
  const ids = await hashObjects(place, files)
  const gone = [...changes.keys()].filter((path) => changes.get(path) === null)
  const added = written.map(([path], index) => `100644 ${ids[index]}\t${checkedPath(path)}\0`)
  const nothing = '0'.repeat(parent?.length ?? 40)
  return [...gone.map((path) => `0 ${nothing}\t${checkedPath(path)}\0`), ...added].join('')
}

async function hashObjects(place: Place, files: readonly string[]): Promise<readonly string[]> {
  if (files.length === 0) return []
  const args = ['hash-object', '-w', '--no-filters', '--stdin-paths']
  return (await gitText(place, args, { input: `${files.join('\n')}\n` })).split('\n')
}
