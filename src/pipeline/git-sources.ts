import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Repository } from '../git/index.ts'
import { OriginMemory } from './origin-memory.ts'
import type { Sources } from './sources.ts'
import type { TreeEntry } from './tree.ts'

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
  const origins = await OriginMemory.open(parts)
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
          const touched = await origins.get(globs)
          return { ...touched, version: await versionOf(touched.commit) }
        }),
      )
      await origins.save()
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

async function version(repository: Repository, commit: string): Promise<string> {
  const tags = await repository.tagsAt(commit)
  const released = tags.find((tag) => /^v\d/.test(tag))
  return released?.slice(1) ?? commit.slice(0, 12)
}
