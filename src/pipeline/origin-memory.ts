import { createHash } from 'node:crypto'
import type { Repository } from '../git/index.ts'
import { readJson, writeJson } from './json-file.ts'
import type { Origin } from './sources.ts'
import { splitGlob, Tree } from './tree.ts'

/** The commit that last touched something, and when. */
export type Touched = Pick<Origin, 'commit' | 'committedAt'>

type Remembered = { readonly commit: string; readonly origins: Readonly<Record<string, Touched>> }

type Older = { readonly origins: Remembered['origins']; readonly since: Tree }

export type OriginMemoryParts = {
  readonly repository: Repository
  /** Full SHA of the commit to look back from. */
  readonly commit: string
  readonly prefix: string
  /** File with the origins of the commit that was asked about last. */
  readonly memory: string
}

/** How many commits further the memory may carry an answer: each costs a diff. */
const FAR = 20

/**
 * Which commit last touched some files, remembered: git must walk the history for each answer, and
 * for most services the commit before had the same one.
 */
export class OriginMemory {
  readonly #parts: OriginMemoryParts
  readonly #known: Map<string, Touched>
  /** What was remembered for an older commit, with the files touched since then. */
  readonly #older: Older | null
  #isNew = false

  private constructor(parts: OriginMemoryParts, known: Map<string, Touched>, older: Older | null) {
    this.#parts = parts
    this.#known = known
    this.#older = older
  }

  static async open(parts: OriginMemoryParts): Promise<OriginMemory> {
    const kept = await readJson<Remembered>(parts.memory)
    if (kept?.commit === parts.commit) {
      return new OriginMemory(parts, new Map(Object.entries(kept.origins)), null)
    }
    const since = kept === null ? null : await touchedSince(parts, kept.commit)
    const older = kept === null || since === null ? null : { origins: kept.origins, since }
    return new OriginMemory(parts, new Map(), older)
  }

  /** The commit itself when nothing ever touched a file that the globs mean. */
  async get(globs: readonly string[]): Promise<Touched> {
    const name = createHash('sha256').update(globs.join('\n')).digest('hex')
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const carried = this.#older?.since.select(globs).length === 0 ? this.#older.origins[name] : null
    const touched = carried ?? (await this.#ask(globs))
    // No commit made it, so the next commit has another answer: that one is not remembered.
    if (touched === null) return this.#itself()
    this.#known.set(name, touched)
    this.#isNew = true
    return touched
  }

  async save(): Promise<void> {
    if (!this.#isNew) return
    const { memory, commit } = this.#parts
    await writeJson<Remembered>(memory, { commit, origins: Object.fromEntries(this.#known) })
  }

  /** Null: nothing ever touched a file that the globs mean. */
  async #ask(globs: readonly string[]): Promise<Touched | null> {
    const { repository, commit, prefix } = this.#parts
    const paths = globs.flatMap((glob) => pathspec(glob, prefix))
    const [last] = await repository.log({ to: commit, limit: 1, paths })
    return last === undefined ? null : { commit: last.commit, committedAt: last.committedAt }
  }

  async #itself(): Promise<Touched> {
    const { repository, commit } = this.#parts
    return { commit, committedAt: (await repository.commit(commit)).committedAt }
  }
}

/** Files touched by any commit after `older`; null: it is too far, or no straight line leads from there. */
async function touchedSince(parts: OriginMemoryParts, older: string): Promise<Tree | null> {
  const { repository, commit, prefix } = parts
  if ((await repository.resolve(older)) === null) return null
  const commits = await repository.log({ to: commit, from: older, limit: FAR + 1 })
  const line = commits.map(({ parents }) => (parents.length === 1 ? parents[0] : null))
  const isLine = line.every((parent, i) => parent === (commits[i + 1]?.commit ?? older))
  if (commits.length === 0 || commits.length > FAR || !isLine) return null
  const changes = await Promise.all(
    commits.map((each) => repository.changedFiles(each.parents[0]!, each.commit)),
  )
  const paths = [...new Set(changes.flat())].filter((path) => path.startsWith(prefix))
  return new Tree(paths.map((path) => ({ path: path.slice(prefix.length), mode: '', blob: '' })))
}

/** Git knows no braces and no brackets with `|`: such a pattern stands for all in its folder. */
function pathspec(glob: string, prefix: string): readonly string[] {
  if (glob.startsWith('!')) return []
  const { folder, rest } = splitGlob(`${prefix}${glob}`)
  if (!/[{}()]/.test(rest)) return [`${prefix}${glob}`]
  return [folder === '' ? '**' : folder]
}
