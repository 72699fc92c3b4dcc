import { join } from 'node:path'
import type { Repository } from '../git/index.ts'
import { CheckoutPool } from './checkout-pool.ts'
import { OriginMemory, type Touched } from './origin-memory.ts'
import type { Provenance, Sources } from './sources.ts'
import type { TreeEntry } from './tree.ts'

export type GitSourcesParts = {
  /** Opened at the project's root. */
  readonly repository: Repository
  /** Full SHA, or the name of a snapshot. */
  readonly commit: string
  /** Git's id of root's tree at the commit; null: root is not in it. */
  readonly root: string | null
  /** Full SHA of a tagged commit → names of its tags. */
  readonly tags: ReadonlyMap<string, readonly string[]>
  /** Where root lies below the top of the repository; asked for when it is needed. */
  readonly prefix: () => Promise<string>
  /** File in which origins are remembered: they never change for a commit, and asking takes git a walk each. */
  readonly memory: string
}

/** The sources of a run as a commit of a Git repository holds them. */
export function gitSources(parts: GitSourcesParts): Sources {
  const { repository, commit, prefix, tags } = parts
  const id = idOf(commit)
  const listed = async (of: string) => relative(await repository.listTree(of), await prefix())
  const tree = once(() => listed(id))
  const memory = once(() => OriginMemory.open({ ...parts, commit: id }))
  const versioned = (touched: Touched) => ({ ...touched, version: version(tags, touched.commit) })
  return {
    commit,
    isDirty: id !== commit,
    root: parts.root,
    tree,
    provenance: once(() => provenanceOf(repository)),
    async read(path) {
      const entry = (await tree()).find((each) => each.path === path)
      if (entry === undefined) return null
      return (await repository.readBlobs([entry.blob])).get(entry.blob)!.toString('utf8')
    },
    async treeAt(other) {
      const known = await repository.resolve(idOf(other))
      return known === null ? null : listed(known)
    },
    async origins(wanted) {
      const origins = await memory()
      const found = await Promise.all(wanted.map((globs) => origins.get(globs)))
      await origins.save()
      return found.map(versioned)
    },
    async checkout(folder) {
      const claimed = await new CheckoutPool({ repository, folder }).claim(id)
      return { root: join(claimed.folder, await prefix()), release: claimed.release }
    },
  }
}

/** What git knows a commit by: of the name of a snapshot, `COMMIT+ID`, what is behind the plus. */
export function idOf(commit: string): string {
  return /\+([0-9a-f]{40,})$/.exec(commit)?.[1] ?? commit
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | null = null
  return () => {
    asked ??= ask()
    return asked
  }
}

async function provenanceOf(repository: Repository): Promise<Provenance> {
  const [source, branch] = await Promise.all([repository.originUrl(), repository.headBranch()])
  return { source: source ?? '', branch }
}

/** Entries below the prefix, their paths from there on. */
function relative(entries: readonly TreeEntry[], prefix: string): readonly TreeEntry[] {
  if (prefix === '') return entries
  return entries
    .filter(({ path }) => path.startsWith(prefix))
    .map((entry) => ({ ...entry, path: entry.path.slice(prefix.length) }))
}

function version(tags: GitSourcesParts['tags'], commit: string): string {
  const released = tags.get(commit)?.find((tag) => /^v\d/.test(tag))
  return released?.slice(1) ?? commit.slice(0, 12)
}
