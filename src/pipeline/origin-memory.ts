import { createHash } from 'node:crypto'
import type { Change, Repository } from '../git/index.ts'
import { readJson, writeJson } from './json-file.ts'
import type { Origin } from './sources.ts'
import { splitGlob, Tree } from './tree.ts'

/** The commit that last touched something, and when. */
export type Touched = Pick<Origin, 'commit' | 'committedAt'>

type Remembered = { readonly commit: string; readonly origins: Readonly<Record<string, Touched>> }

/** A commit with the files that it changed against each of its parents. */
type Link = Pick<Change, 'commit' | 'parents' | 'committedAt'> & {
  readonly changed: readonly Tree[]
}

export type OriginMemoryParts = {
  readonly repository: Repository
  /** Full SHA of the commit to look back from. */
  readonly commit: string
  /** Where root lies below the top of the repository; asked for when it is needed. */
  readonly prefix: () => Promise<string>
  /** File with the origins of the commit that was asked about last. */
  readonly memory: string
}

/** How many commits are looked through for all questions together, before git walks the rest for each. */
const FAR = 64

/**
 * Which commit last touched some files, remembered: git must walk the history for each answer, and
 * for most services the commit before had the same one.
 */
export class OriginMemory {
  readonly #parts: OriginMemoryParts
  readonly #known: Map<string, Touched>
  /** What was remembered for another commit. */
  readonly #older: Remembered | null
  #links: Promise<ReadonlyMap<string, Link>> | null = null
  #isNew = false

  private constructor(
    parts: OriginMemoryParts,
    { known, older }: { known: Map<string, Touched>; older: Remembered | null },
  ) {
    this.#parts = parts
    this.#known = known
    this.#older = older
  }

  static async open(parts: OriginMemoryParts): Promise<OriginMemory> {
    const kept = await readJson<Remembered>(parts.memory)
    const isSame = kept?.commit === parts.commit
    const known = new Map(Object.entries(isSame ? kept.origins : {}))
    return new OriginMemory(parts, { known, older: isSame ? null : kept })
  }

  /** The commit itself when nothing ever touched a file that the globs mean. */
  async get(globs: readonly string[]): Promise<Touched> {
    const name = createHash('sha256').update(globs.join('\n')).digest('hex')
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const touched = await this.#find(globs, name)
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

  /**
   * Null: nothing ever touched a file that the globs mean. Goes from commit to commit as git does
   * when it simplifies history: of a merge to the first parent from which none of the files differs.
   */
  async #find(globs: readonly string[], name: string): Promise<Touched | null> {
    this.#links ??= this.#look()
    const links = await this.#links
    for (let at = this.#parts.commit; ; ) {
      const carried = this.#older?.commit === at ? this.#older.origins[name] : undefined
      if (carried !== undefined) return carried
      const link = links.get(at)
      if (link === undefined) return this.#ask(at, globs)
      const same = link.changed.findIndex((files) => files.select(globs).length === 0)
      if (same < 0) return { commit: at, committedAt: link.committedAt }
      const parent = link.parents[same]
      if (parent === undefined) return null
      at = parent
    }
  }

  async #look(): Promise<ReadonlyMap<string, Link>> {
    const { repository, commit } = this.#parts
    const [prefix, changes] = await Promise.all([
      this.#parts.prefix(),
      repository.changes({ to: commit, limit: FAR }),
    ])
    return new Map(
      changes.map((change) => {
        const changed = change.changed.map((paths) => filesBelow(prefix, paths))
        return [change.commit, { ...change, changed }]
      }),
    )
  }

  async #ask(from: string, globs: readonly string[]): Promise<Touched | null> {
    const { repository } = this.#parts
    const prefix = await this.#parts.prefix()
    const paths = globs.flatMap((glob) => pathspec(glob, prefix))
    const [last] = await repository.log({ to: from, limit: 1, paths })
    return last === undefined ? null : { commit: last.commit, committedAt: last.committedAt }
  }

  async #itself(): Promise<Touched> {
    const { repository, commit } = this.#parts
    return { commit, committedAt: (await repository.commit(commit)).committedAt }
  }
}

function filesBelow(prefix: string, paths: readonly string[]): Tree {
  const below = paths.filter((path) => path.startsWith(prefix))
  return new Tree(below.map((path) => ({ path: path.slice(prefix.length), mode: '', blob: '' })))
}

/** Git knows no braces and no brackets with `|`: such a pattern stands for all in its folder. */
function pathspec(glob: string, prefix: string): readonly string[] {
  if (glob.startsWith('!')) return []
  const { folder, rest } = splitGlob(`${prefix}${glob}`)
  if (!/[{}()]/.test(rest)) return [`${prefix}${glob}`]
  return [folder === '' ? '**' : folder]
}
