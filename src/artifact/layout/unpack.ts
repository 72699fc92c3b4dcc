import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, mkdir, open, realpath, symlink } from 'node:fs/promises'
import { join, posix, sep } from 'node:path'
import { type Extract, extract } from 'tar-stream'
import { isSystemError, keptError } from '../artifact-error.ts'
import { workingFolder } from '../image.ts'
import { isLinkOutside } from '../layers/tree.ts'
import { corrupted, digestOfFile } from './blobs.ts'

/** A layer, and the file that has it. */
export type PackedLayer = { readonly digest: string; readonly file: string }

/**
 * Unpacks layers in order into a folder that is there and empty: the image's `/app` becomes
 * `folder`. Every byte is hashed on its way. Afterwards nobody may write to anything in it.
 * @throws ArtifactError `artifact-corrupted`, `artifact-unsafe`
 */
export async function unpackLayers(folder: string, layers: readonly PackedLayer[]): Promise<void> {
  const tree: UnpackedTree = { folder, kinds: new Map([['', 'folder']]) }
  for (const layer of layers) await unpackLayer(tree, layer)
  await refuseLinksOutside(tree)
  await makeReadOnly(tree)
}

/** What has been made so far, by path; nothing is ever written through a link. */
type UnpackedTree = {
  readonly folder: string
  readonly kinds: Map<string, 'file' | 'folder' | 'link'>
}

async function unpackLayer(tree: UnpackedTree, layer: PackedLayer): Promise<void> {
  const archive = extract()
  try {
    const reading = readEntries(tree, layer, archive)
    const [digest] = await Promise.all([feed(archive, layer.file), reading])
    if (digest !== layer.digest) throw changed(layer)
  } catch (error) {
    // Bytes that were changed may say anything: first of all they are not the layer.
    if ((await digestIfThere(layer.file)) !== layer.digest) throw changed(layer)
    throw error
  }
}

/** Gives the archive the file's bytes; their digest. Stops early when the archive is closed. */
async function feed(archive: Extract, file: string): Promise<string | null> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) {
      if (archive.destroyed) return null
      hash.update(chunk)
      if (!archive.write(chunk)) await drainedOrClosed(archive)
    }
    archive.end(null)
  } catch (error) {
    archive.destroy(null)
    throw error
  }
  return `sha256:${hash.digest('hex')}`
}

function drainedOrClosed(archive: Extract): Promise<void> {
  return new Promise((resolve) => {
    if (archive.destroyed) return resolve(undefined)
    const done = () => {
      archive.off('drain', done)
      archive.off('close', done)
      resolve(undefined)
    }
    archive.on('drain', done)
    archive.on('close', done)
  })
}

type Entry = Extract extends AsyncIterable<infer Source> ? Source : never

async function readEntries(
  tree: UnpackedTree,
  layer: PackedLayer,
  archive: Extract,
): Promise<void> {
  for await (const entry of archive) {
    const path = pathOf(entry.header.name)
    if (path === null) throw unsafe(layer, entry.header.name, 'is not below /app')
    await unpackEntry(tree, { layer, entry, path })
    entry.resume()
  }
}

/** Relative to the folder, `` for the folder itself; null: outside it, or not plainly written. */
function pathOf(name: string): string | null {
  const path = name.replace(/\/$/, '')
  if (path === workingFolder) return ''
  const isPlain = posix.normalize(path) === path && !path.includes('\0') && !path.includes('\\')
  if (!isPlain || !path.startsWith(`${workingFolder}/`)) return null
  return path.slice(workingFolder.length + 1)
}

type Unpacking = { readonly layer: PackedLayer; readonly entry: Entry; readonly path: string }

async function unpackEntry(tree: UnpackedTree, unpacking: Unpacking): Promise<void> {
  const { layer, entry, path } = unpacking
  const { name, type, linkname } = entry.header
  const there = tree.kinds.get(path)
  if (type === 'directory') {
    if (there === 'folder') return
    if (there !== undefined) throw unsafe(layer, name, 'takes the place of another entry')
    await makeFolder(tree, unpacking, path)
    return
  }
  if (there !== undefined) throw unsafe(layer, name, 'takes the place of another entry')
  await makeFolder(tree, unpacking, folderOf(path))
  if (type === 'file') await writeFile(join(tree.folder, path), entry)
  else if (type !== 'symlink') throw unsafe(layer, name, `is a ${type}`)
  else if (!linkname || isLinkOutside(path, linkname)) {
    throw unsafe(layer, name, `is a link to ${linkname}, which leaves the folder`)
  } else await symlink(linkname, join(tree.folder, path))
  tree.kinds.set(path, type === 'file' ? 'file' : 'link')
}

async function makeFolder(tree: UnpackedTree, unpacking: Unpacking, path: string): Promise<void> {
  const there = tree.kinds.get(path)
  if (there === 'folder') return
  if (there !== undefined) {
    throw unsafe(unpacking.layer, unpacking.entry.header.name, `is below ${path}, a ${there}`)
  }
  await makeFolder(tree, unpacking, folderOf(path))
  await mkdir(join(tree.folder, path))
  tree.kinds.set(path, 'folder')
}

function folderOf(path: string): string {
  const folder = posix.dirname(path)
  return folder === '.' ? '' : folder
}

async function writeFile(path: string, entry: Entry): Promise<void> {
  const { mode = 0, mtime = new Date(0) } = entry.header
  const handle = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of entry) await handle.writeFile(bytesOf(chunk))
    await handle.chmod((mode & 0o100) === 0 ? 0o444 : 0o555)
    await handle.utimes(mtime, mtime)
  } finally {
    await handle.close()
  }
}

/** The library does not say of what type an entry's chunks are. */
function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  throw new TypeError(`a tar entry gave ${typeof chunk} instead of bytes`)
}

/**
 * The text of each link was looked at alone; one link on the way of another may still lead out, which
 * only the file system tells. A link to nothing leads nowhere, and nothing can be put there later.
 */
async function refuseLinksOutside({ folder, kinds }: UnpackedTree): Promise<void> {
  const real = await realpath(folder)
  for (const [path, kind] of kinds) {
    if (kind !== 'link') continue
    const target = await targetOf(join(folder, path))
    if (target === null || target === real || target.startsWith(real + sep)) continue
    throw keptError('artifact-unsafe', refusal(path, `is a link to ${target}, outside the folder`))
  }
}

async function targetOf(link: string): Promise<string | null> {
  try {
    return await realpath(link)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return null
    throw error
  }
}

async function makeReadOnly({ folder, kinds }: UnpackedTree): Promise<void> {
  const folders = [...kinds].filter(([, kind]) => kind === 'folder').map(([path]) => path)
  for (const path of folders.reverse()) await chmod(join(folder, path), 0o555)
}

async function digestIfThere(file: string): Promise<string | null> {
  try {
    return await digestOfFile(file)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null
    throw error
  }
}

function changed(layer: PackedLayer): Error {
  return corrupted(layer.digest, 'its bytes are others, or it is not there')
}

function unsafe(layer: PackedLayer, name: string, what: string): Error {
  return keptError('artifact-unsafe', `layer ${layer.digest}: ${refusal(name, what)}`)
}

function refusal(name: string, what: string): string {
  return `entry ${JSON.stringify(name)} ${what}: nothing was unpacked; see who built this artifact, and build it again with Slipway`
}
