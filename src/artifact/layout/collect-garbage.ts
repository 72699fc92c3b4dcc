import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseManifest } from '../image.ts'
import type { Blobs } from './blobs.ts'
import { removeTree } from './durable.ts'
import type { LayoutFolders } from './folders.ts'
import { onlyImages, readIndex, writeIndex } from './image-index.ts'

/**
 * Removes every image that is not to be kept: its tags, the blobs that only it used, and where it
 * was unpacked. Call it under the index lock. A blob younger than `graceMs` stays: a build that is
 * under way has written it and not yet named it.
 * @returns how many bytes of blobs were freed
 */
export async function collectGarbage(options: {
  readonly folders: LayoutFolders
  readonly blobs: Blobs
  readonly keep: ReadonlySet<string>
  readonly graceMs: number
}): Promise<number> {
  const { folders, blobs, keep } = options
  // All that is kept is read first: when one manifest is corrupted, nothing is removed.
  const used = await usedBlobs(blobs, keep)
  await writeIndex(folders, onlyImages(await readIndex(folders), keep))
  const names = new Set([...keep].map(hexOf))
  for (const name of await readdir(folders.unpacked)) {
    if (!names.has(name)) await removeTree(join(folders.unpacked, name))
  }
  let freed = 0
  for (const name of await readdir(folders.blobs)) {
    const path = join(folders.blobs, name)
    const { size, mtimeMs } = await stat(path)
    if (used.has(name) || Date.now() - mtimeMs < options.graceMs) continue
    await rm(path)
    freed += size
  }
  return freed
}

async function usedBlobs(blobs: Blobs, keep: ReadonlySet<string>): Promise<Set<string>> {
  const used = new Set<string>()
  for (const digest of keep) {
    const bytes = await blobs.read(digest)
    if (bytes === null) continue
    const { config, layers } = parseManifest(bytes, digest)
    for (const each of [digest, config.digest, ...layers.map((layer) => layer.digest)]) {
      used.add(hexOf(each))
    }
  }
  return used
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length)
}
