import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import {
  chmod,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  rm,
  symlink,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** One thing that a step left behind. Paths are relative to the checkout's root. */
export type OutputItem =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly mode: number
      /** Where its bytes lie in the entry's content. */
      readonly offset: number
      readonly size: number
      readonly sha256: string
    }

export type OutputPaths = {
  /** Files and folders relative to root; one that is not there is left out. */
  readonly paths: readonly string[]
  /** Paths inside them that belong to other steps. */
  readonly skip: ReadonlySet<string>
}

/** The bytes on disk are not those that were saved. */
export class DamagedContent extends Error {}

const PIECE = 1 << 20

/** Copies output files into one content file, folders walked in the order of names. */
export async function collect(
  root: string,
  { paths, skip }: OutputPaths,
  content: FileHandle,
): Promise<readonly OutputItem[]> {
  const items: OutputItem[] = []
  const kept = new Set(paths)
  let offset = 0
  const visit = async (path: string): Promise<void> => {
    if (skip.has(path) && !kept.has(path)) return
    const full = join(root, path)
    const found = await presence(full)
    if (found === null) return
    if (found.isSymbolicLink()) {
      items.push({ kind: 'link', path, target: await readlink(full) })
    } else if (found.isDirectory()) {
      items.push({ kind: 'folder', path })
      for (const name of (await readdir(full)).sort()) {
        if (name !== '.git') await visit(path === '.' ? name : `${path}/${name}`)
      }
    } else if (found.isFile()) {
      const { size, sha256 } = await append(full, content, offset)
      items.push({ kind: 'file', path, mode: Number(found.mode & 0o777n), offset, size, sha256 })
      offset += size
    }
  }
  for (const path of paths) await visit(path)
  return items
}

/**
 * Puts the items where they were, in place of whatever lies at the outputs' paths now.
 * @throws DamagedContent when a file's bytes are not those that were saved
 */
export async function restore(
  root: string,
  { items, ...outputs }: OutputPaths & { readonly items: readonly OutputItem[] },
  content: FileHandle,
): Promise<void> {
  await clear(root, outputs)
  for (const item of items) {
    if (item.kind === 'folder') await mkdir(join(root, item.path), { recursive: true })
  }
  const rest = items.filter((item) => item.kind !== 'folder').values()
  const lane = async (): Promise<void> => {
    for (const item of rest) await put(root, item, content)
  }
  await Promise.all(Array.from({ length: 8 }, lane))
}

/** Removes what lies at the outputs' paths, except what belongs to other steps. */
export async function clear(root: string, { paths, skip }: OutputPaths): Promise<void> {
  const kept = new Set(paths)
  const foreign = [...skip].filter((path) => !kept.has(path))
  const remove = async (path: string): Promise<void> => {
    if (foreign.includes(path)) return
    const full = join(root, path)
    const inside = path === '.' ? '' : `${path}/`
    if (path !== '.' && !foreign.some((other) => other.startsWith(inside))) {
      await rm(full, { recursive: true, force: true })
    } else if ((await presence(full))?.isDirectory()) {
      for (const name of await readdir(full)) if (name !== '.git') await remove(`${inside}${name}`)
    }
  }
  for (const path of paths) await remove(path)
}

async function put(root: string, item: OutputItem, content: FileHandle): Promise<void> {
  const full = join(root, item.path)
  await mkdir(dirname(full), { recursive: true })
  if (item.kind === 'link') {
    await rm(full, { force: true })
    await symlink(item.target, full)
  } else if (item.kind === 'file') {
    await rm(full, { force: true })
    await extract(full, item, content)
  }
}

async function presence(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  }
}

async function append(file: string, content: FileHandle, offset: number) {
  await using from = await open(file)
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafe(Math.min(PIECE, Number((await from.stat()).size) + 1))
  let size = 0
  for (;;) {
    const { bytesRead } = await from.read(piece, 0, piece.length, size)
    if (bytesRead === 0) return { size, sha256: hash.digest('hex') }
    hash.update(piece.subarray(0, bytesRead))
    await content.write(piece, 0, bytesRead, offset + size)
    size += bytesRead
  }
}

async function extract(
  file: string,
  item: Extract<OutputItem, { kind: 'file' }>,
  content: FileHandle,
): Promise<void> {
  await using to = await open(file, 'wx', item.mode)
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafe(Math.min(PIECE, item.size))
  for (let done = 0; done < item.size; ) {
    const wanted = Math.min(piece.length, item.size - done)
    const { bytesRead } = await content.read(piece, 0, wanted, item.offset + done)
    if (bytesRead === 0) throw new DamagedContent(`${item.path} is cut off`)
    hash.update(piece.subarray(0, bytesRead))
    await to.write(piece, 0, bytesRead, done)
    done += bytesRead
  }
  if (hash.digest('hex') !== item.sha256) throw new DamagedContent(`${item.path} is damaged`)
  // The mode given to open is cut by the process's umask.
  await chmod(file, item.mode)
}
