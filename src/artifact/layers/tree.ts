import type { Stats } from 'node:fs'
import { lstat, readdir, readlink, realpath } from 'node:fs/promises'
import { dirname, join, posix, relative, resolve, sep } from 'node:path'
import { inputError, isSystemError } from '../artifact-error.ts'

/** One thing that goes into a layer. `path` is relative to the root, with `/`. */
export type Entry =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly absolute: string
      readonly sizeBytes: number
      readonly isExecutable: boolean
    }

/**
 * Everything below some paths, sorted by path, each once; folders that lead there included.
 * `isLeftOut` is asked before anything is read; a folder that is left out is not entered.
 * @throws ArtifactError `output-missing`, `output-outside`, `output-unsupported`, `link-outside`
 */
export async function collectTree(options: {
  readonly service: string
  readonly root: string
  readonly paths: readonly string[]
  readonly isLeftOut: (path: string) => boolean
}): Promise<Entry[]> {
  const root = await realpath(options.root)
  const tree: Tree = { ...options, root, entries: new Map() }
  for (const path of options.paths) await addPath(tree, path)
  return sorted(tree.entries.values())
}

/** By the bytes of their paths, so that no locale and no order of creation counts. */
export function sorted(entries: Iterable<Entry>): Entry[] {
  return [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
}

export async function exists(root: string, path: string): Promise<boolean> {
  return (await statOf(join(root, path))) !== null
}

type Tree = {
  readonly service: string
  readonly root: string
  readonly isLeftOut: (path: string) => boolean
  readonly entries: Map<string, Entry>
}

/** A path of slipway.yaml as the tree writes it: `./dist/` is `dist`, the root itself is ``. */
export function normalPath(path: string): string {
  const normal = posix.normalize(path.split(sep).join('/')).replace(/\/+$/, '')
  return normal === '.' ? '' : normal
}

async function addPath(tree: Tree, given: string): Promise<void> {
  const path = normalPath(given)
  const absolute = resolve(tree.root, path)
  if (!(await isInside(tree.root, dirname(absolute), absolute))) {
    throw inputError(
      'output-outside',
      `service ${tree.service}: ${given} is outside its folder: an artifact is made of paths below it only`,
    )
  }
  const found = await statOf(absolute)
  if (found === null) {
    throw inputError(
      'output-missing',
      `service ${tree.service}: ${given} is not there after the build: see that the build writes it, or name what it writes in build.output`,
    )
  }
  for (const folder of foldersAbove(path))
    tree.entries.set(folder, { kind: 'folder', path: folder })
  await add(tree, path, found)
}

/** Also by what its folder really is, so that a linked folder cannot lead out. */
async function isInside(root: string, folder: string, absolute: string): Promise<boolean> {
  if (leaves(relative(root, absolute))) return false
  if (absolute === root) return true
  try {
    return !leaves(relative(root, await realpath(folder)))
  } catch (error) {
    // A folder that is not there is told as a missing output.
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return true
    throw error
  }
}

async function add(tree: Tree, path: string, found: Stats): Promise<void> {
  if (path !== '' && tree.isLeftOut(path)) return
  const absolute = join(tree.root, path)
  if (found.isDirectory()) {
    if (path !== '') tree.entries.set(path, { kind: 'folder', path })
    for (const name of await readdir(absolute)) {
      const below = path === '' ? name : `${path}/${name}`
      await add(tree, below, await lstat(join(absolute, name)))
    }
    return
  }
  tree.entries.set(path, await leaf(tree, path, found))
}

async function leaf(tree: Tree, path: string, found: Stats): Promise<Entry> {
  const absolute = join(tree.root, path)
  // `.wh.` in front of a name means "delete that" to every OCI runtime.
  const isSupported = found.isFile() || found.isSymbolicLink()
  if (!isSupported || posix.basename(path).startsWith('.wh.')) {
    throw inputError(
      'output-unsupported',
      `service ${tree.service}: ${path} cannot be in an image, which holds files, folders and links whose names do not begin with .wh.: leave it out of the build's output`,
    )
  }
  if (found.isSymbolicLink()) return { kind: 'link', path, target: await linkTarget(tree, path) }
  return {
    ...{ kind: 'file', path, absolute, sizeBytes: found.size },
    isExecutable: (found.mode & 0o100) !== 0,
  }
}

async function linkTarget(tree: Tree, path: string): Promise<string> {
  const target = (await readlink(join(tree.root, path))).split(sep).join('/')
  if (!isLinkOutside(path, target)) return target
  throw inputError(
    'link-outside',
    `service ${tree.service}: the link ${path} leads to ${target}, outside the artifact: copy what it names into the service, or leave the link out`,
  )
}

/** Whether a link at `path` leaves the artifact's folder, as its text says. */
export function isLinkOutside(path: string, target: string): boolean {
  return posix.isAbsolute(target) || leaves(posix.join(posix.dirname(path), target))
}

function leaves(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`) || path.startsWith('../')
}

function foldersAbove(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}

async function statOf(path: string): Promise<Stats | null> {
  try {
    return await lstat(path)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}
