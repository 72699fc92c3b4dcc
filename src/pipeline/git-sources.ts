import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Repository } from '../git/index.ts'
import { readJson, writeJson } from './json-file.ts'
import type { Origin, Sources } from './sources.ts'
import { splitGlob, type TreeEntry } from './tree.ts'

export type GitSourcesParts = {
  readonly repository: Repository
  /** Full SHA. */
  readonly commit: string
  /** Where root lies below the top of the repository, as `repository.prefix()` gives it. */
  readonly prefix: string
  /** File in which origins are remembered: they never change for a commit, and asking takes git a walk each. */
  readonly memory: string
}

/** The sources of a run as a commit of a Git repository holds them. */
export async function gitSources(parts: GitSourcesParts): Promise<Sources> {
  const { repository, commit, prefix } = parts
  const memory = await OriginMemory.read(parts.memory, commit)
  let tree: Promise<readonly TreeEntry[]> | null = null
  const files = (): Promise<readonly TreeEntry[]> => {
    tree ??= repository.listTree(commit).then((entries) => relative(entries, prefix))
    return tree
  }
  const versions = new Map<string, Promise<string>>()
  const versionOf = (of: string): Promise<string> => {
    const known = versions.get(of) ?? version(repository, of)
    versions.set(of, known)
    return known
  }
  const lastTouch = async (globs: readonly string[]): Promise<Touched> => {
    const paths = globs.flatMap((glob) => pathspec(glob, prefix))
    const last = (await repository.lastCommitTouching(commit, paths)) ?? commit
    return { commit: last, committedAt: (await repository.commit(last)).committedAt }
  }
  return {
    commit,
    isDirty: false,
    tree: files,
    async read(path) {
      const entry = (await files()).find((each) => each.path === path)
      if (entry === undefined) return null
      return (await repository.readBlobs([entry.blob])).get(entry.blob)!.toString('utf8')
    },
    async treeAt(other) {
      if ((await repository.resolve(other)) === null) return null
      return relative(await repository.listTree(other), prefix)
    },
    async origins(wanted) {
      const found = await Promise.all(
        wanted.map(async (globs) => {
          const touched = await memory.get(globs, () => lastTouch(globs))
          return { ...touched, version: await versionOf(touched.commit) }
        }),
      )
      await memory.save()
      return found
    },
    async checkout(folder) {
      await mkdir(dirname(folder), { recursive: true })
      // A run of the same name that was killed may have left its own.
      await rm(folder, { recursive: true, force: true })
      await repository.checkout(commit, folder)
      return { root: join(folder, prefix), remove: () => repository.removeCheckout(folder) }
    },
  }
}

/** Entries below the prefix, their paths from there on. */
function relative(entries: readonly TreeEntry[], prefix: string): readonly TreeEntry[] {
  if (prefix === '') return entries
  return entries
    .filter(({ path }) => path.startsWith(prefix))
    .map((entry) => ({ ...entry, path: entry.path.slice(prefix.length) }))
}

/** Git knows no braces and no brackets with `|`: such a pattern stands for all in its folder. */
function pathspec(glob: string, prefix: string): readonly string[] {
  if (glob.startsWith('!')) return []
  const { folder, rest } = splitGlob(`${prefix}${glob}`)
  if (!/[{}()]/.test(rest)) return [`${prefix}${glob}`]
  return [folder === '' ? '**' : folder]
}

async function version(repository: Repository, commit: string): Promise<string> {
  const tags = await repository.tagsAt(commit)
  const released = tags.find((tag) => /^v\d/.test(tag))
  return released?.slice(1) ?? commit.slice(0, 12)
}

type Touched = Pick<Origin, 'commit' | 'committedAt'>
type Remembered = { readonly commit: string; readonly origins: Record<string, Touched> }

/** Origins of the last commit that was asked about. */
class OriginMemory {
  readonly #file: string
  readonly #commit: string
  readonly #known: Record<string, Touched>
  #isNew = false

  constructor(file: string, { commit, origins }: Remembered) {
    this.#file = file
    this.#commit = commit
    this.#known = origins
  }

  static async read(file: string, commit: string): Promise<OriginMemory> {
    const kept = await readJson<Remembered>(file)
    return new OriginMemory(file, kept?.commit === commit ? kept : { commit, origins: {} })
  }

  async get(globs: readonly string[], ask: () => Promise<Touched>): Promise<Touched> {
    const name = createHash('sha256').update(globs.join('\n')).digest('hex')
    const known = this.#known[name]
    if (known !== undefined) return known
    const touched = await ask()
    this.#known[name] = touched
    this.#isNew = true
    return touched
  }

  async save(): Promise<void> {
    if (!this.#isNew) return
    await writeJson(this.#file, { commit: this.#commit, origins: this.#known })
  }
}
