import { createHash } from 'node:crypto'
import picomatch from 'picomatch'

/** One file at a commit. */
export type TreeEntry = {
  /** Relative to root, with `/`. */
  readonly path: string
  /** As git writes it: `100644`, `100755`, `120000`. */
  readonly mode: string
  /** Git's id of its content. */
  readonly blob: string
}

/** The files of a commit, ready to be asked which of them some globs mean. */
export class Tree {
  readonly entries: readonly TreeEntry[]
  readonly #selections = new Map<string, readonly TreeEntry[]>()
  readonly #digests = new Map<string, string>()

  constructor(entries: readonly TreeEntry[]) {
    this.entries = isSorted(entries) ? entries : [...entries].sort(byPath)
  }

  /**
   * Files that the globs mean, by path. `**` and `*` match dot files too; a glob that names a folder
   * means all in it; one that starts with `!` takes away from those before.
   */
  select(globs: readonly string[]): readonly TreeEntry[] {
    const name = globs.join('\n')
    const known = this.#selections.get(name)
    if (known !== undefined) return known
    const selection = this.#select(globs)
    this.#selections.set(name, selection)
    return selection
  }

  /** A hash of the paths, modes and contents that the globs mean. */
  digest(globs: readonly string[]): string {
    const name = globs.join('\n')
    const known = this.#digests.get(name)
    if (known !== undefined) return known
    let text = ''
    for (const { mode, blob, path } of this.select(globs)) text += `${mode} ${blob} ${path}\n`
    const digest = createHash('sha256').update(text).digest('hex')
    this.#digests.set(name, digest)
    return digest
  }

  #select(globs: readonly string[]): readonly TreeEntry[] {
    if (globs.length === 1) return this.#matching(globs[0]!)
    const found = new Set<TreeEntry>()
    for (const glob of globs) {
      if (glob.startsWith('!')) for (const out of this.#matching(glob.slice(1))) found.delete(out)
      else for (const entry of this.#matching(glob)) found.add(entry)
    }
    return [...found].sort(byPath)
  }

  #matching(glob: string): readonly TreeEntry[] {
    const { folder, rest } = splitGlob(glob)
    if (rest === '**') return folder === '' ? this.entries : this.#below(folder)
    if (rest === '') return [...this.#at(folder), ...this.#below(folder)]
    const matches = picomatch(rest, { dot: true })
    const within = folder === '' ? this.entries : this.#below(folder)
    const start = folder === '' ? 0 : folder.length + 1
    return within.filter(({ path }) => matches(path.slice(start)))
  }

  #at(path: string): readonly TreeEntry[] {
    const found = this.entries[this.#position(path)]
    return found?.path === path ? [found] : []
  }

  #below(folder: string): readonly TreeEntry[] {
    return this.entries.slice(this.#position(`${folder}/`), this.#position(`${folder}0`))
  }

  /** Index of the first entry whose path is not before `path`. */
  #position(path: string): number {
    let low = 0
    let high = this.entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.entries[middle]!.path < path) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The folder in front of a glob that is plain text, and the pattern after it; `''`: there is none. */
export function splitGlob(glob: string): { readonly folder: string; readonly rest: string } {
  const parts = glob.replace(/\/+$/, '').split('/')
  const plain = parts.findIndex((part) => /[*?[\]{}()!+@\\]/.test(part))
  if (plain < 0) return { folder: parts.join('/'), rest: '' }
  return { folder: parts.slice(0, plain).join('/'), rest: parts.slice(plain).join('/') }
}

function byPath(a: TreeEntry, b: TreeEntry): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}

function isSorted(entries: readonly TreeEntry[]): boolean {
  for (let i = 1; i < entries.length; i++) {
    if (entries[i - 1]!.path > entries[i]!.path) return false
  }
  return true
}
