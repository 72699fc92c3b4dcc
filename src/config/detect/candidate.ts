/** The files of a repository as detection sees them: no disk, no clock. */
export interface Tree {
  /** Paths relative to the root, with `/`, sorted. */
  readonly files: readonly string[]
  /** Text of one of them; null: there is no such file or it is no text. */
  read(path: string): string | null
}

/** A value that was guessed, and from where. */
export type Guess<Value> = { readonly value: Value; readonly from: string }

/** What one ecosystem knows of a folder. Each part may be absent; the surest source wins. */
export type Facts = {
  readonly name?: Guess<string>
  readonly start?: Guess<string>
  readonly install?: Guess<string>
  readonly build?: Guess<string>
  readonly output?: Guess<readonly string[]>
  readonly dependencies?: Guess<readonly string[]>
  readonly test?: Guess<string>
  readonly port?: Guess<number>
  readonly ready?: Guess<string>
  readonly api?: Guess<string>
  readonly inputs?: Guess<readonly string[]>
  /** Folders or names of the services that it calls. */
  readonly needs?: Guess<readonly string[]>
}

export type Candidate = {
  /** Folder relative to the root; `.`: the root. */
  readonly path: string
  readonly facts: Facts
}

export type Detected = {
  readonly candidates: readonly Candidate[]
  /** What was seen and not taken, and why: one sentence each. */
  readonly notes: readonly string[]
}

/** The files of a folder and below, relative to it. */
export function filesBelow(tree: Tree, folder: string): readonly string[] {
  if (folder === '.') return tree.files
  const start = `${folder}/`
  return tree.files.filter((file) => file.startsWith(start)).map((file) => file.slice(start.length))
}

export function inFolder(folder: string, file: string): string {
  return folder === '.' ? file : `${folder}/${file}`
}

/** The folder that a path lies in; `.`: the root. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf('/')
  return end < 0 ? '.' : path.slice(0, end)
}

/** Paths of the files with this name, nearest to the root first. */
export function filesNamed(tree: Tree, name: RegExp): readonly string[] {
  const depth = (path: string) => path.split('/').length
  return tree.files
    .filter((file) => name.test(file.slice(file.lastIndexOf('/') + 1)))
    .toSorted((a, b) => depth(a) - depth(b) || a.localeCompare(b))
}
