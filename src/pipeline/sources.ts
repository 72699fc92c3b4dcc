import type { TreeEntry } from './tree.ts'

/** What the label of an artifact says of where it comes from. */
export type Origin = {
  /** Full SHA of the last commit that changed what it is made of. */
  readonly commit: string
  /** A `v*` tag on that commit without its `v`, else the commit's first twelve digits. */
  readonly version: string
  /** Seconds since 1970. */
  readonly committedAt: number
}

/** What an artifact says of the repository that it comes from. */
export type Provenance = {
  /** Address of origin without credentials; empty: there is none. */
  readonly source: string
  /** The branch that is checked out; null: none. */
  readonly branch: string | null
}

/** The files of one commit, as far as a run needs to know. Paths are relative to the project's root. */
export interface Sources {
  /** Full SHA; with `+` and a hash behind it when the work tree's changes are part of it. */
  readonly commit: string
  /** Whether changes that are in no commit are part of it: no artifact is made of such sources. */
  readonly isDirty: boolean
  /** Git's id of all its files together; null: it has none, because some are in no commit. */
  readonly root: string | null
  tree(): Promise<readonly TreeEntry[]>
  /** Text of one of the files; null: there is none at that path. */
  read(path: string): Promise<string | null>
  /** The files at another commit; null: it is not there (any more). */
  treeAt(commit: string): Promise<readonly TreeEntry[] | null>
  /** For each list of globs the last commit, from this one backwards, that touched a file it means. */
  origins(globs: readonly (readonly string[])[]): Promise<readonly Origin[]>
  provenance(): Promise<Provenance>
  /** The files, and nothing else, somewhere below a folder (absolute) where nobody else works. */
  checkout(folder: string): Promise<Checkout>
}

export type Checkout = {
  /** Absolute path of the project's root in it. */
  readonly root: string
  /** No step works in it any more. */
  release(): Promise<void>
}
