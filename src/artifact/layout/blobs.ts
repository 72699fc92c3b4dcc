import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError, keptError } from '../artifact-error.ts'
import type { BlobRef } from '../image-sink.ts'
import { syncFolder, temporaryName } from './durable.ts'
import type { LayoutFolders } from './folders.ts'

/** Blobs by digest in `blobs/sha256`: each is whole from the moment that it has its name. */
export type Blobs = {
  write(bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<BlobRef>
  /** The bytes, verified; null: not there. For manifests and configs, not for layers. */
  read(digest: string): Promise<Buffer | null>
  /** Throws `artifact-corrupted` unless the blob is there and whole. */
  verify(blob: { readonly digest: string; readonly size: number }): Promise<void>
  path(digest: string): string
}

export function openBlobs(folders: LayoutFolders): Blobs {
  const path = (digest: string) => join(folders.blobs, digest.slice('sha256:'.length))
  const isWhole = wholeness(path)
  return {
    path,
    write: (bytes, signal) => writeBlob({ folders, path, isWhole }, { bytes, signal }),
    async read(digest) {
      const bytes = await bytesOf(path(digest))
      if (bytes === null) return null
      if (digestOf(bytes) !== digest) throw corrupted(digest, 'its bytes are others')
      return bytes
    },
    async verify({ digest, size }) {
      const state = await isWhole({ digest, sizeBytes: size })
      if (state === null) throw corrupted(digest, 'it is not there')
      if (!state) throw corrupted(digest, 'its bytes are others')
    },
  }
}

/** Whether a blob is whole; null: it is not there. */
type Wholeness = (blob: BlobRef) => Promise<boolean | null>

/** A large layer is read once, and again only when `stat` says otherwise of it. */
function wholeness(path: (digest: string) => string): Wholeness {
  const verified = new Map<string, string>()
  return async ({ digest, sizeBytes }) => {
    const look = await lookOf(path(digest))
    if (look === null) return null
    if (look.sizeBytes !== sizeBytes) return false
    if (verified.get(digest) === look.key) return true
    if ((await digestOfFile(path(digest))) !== digest) return false
    verified.set(digest, look.key)
    return true
  }
}

/** What to say of a blob that is missing or does not match its digest. */
export function corrupted(digest: string, what: string): Error {
  return keptError(
    'artifact-corrupted',
    `blob ${digest} is corrupted (${what}): build the artifact again, which writes the blob anew`,
  )
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return `sha256:${hash.digest('hex')}`
}

type Source = {
  readonly bytes: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal | undefined
}

type Target = {
  readonly folders: LayoutFolders
  readonly path: (digest: string) => string
  readonly isWhole: Wholeness
}

/**
 * The digest is known only at the end. A blob that is there and whole stays, and what was written is
 * dropped before it is synced, so that it mostly never reaches the disk; a corrupted one is replaced.
 */
async function writeBlob({ folders, path, isWhole }: Target, source: Source): Promise<BlobRef> {
  const temporary = join(folders.temporary, temporaryName())
  try {
    const handle = await open(temporary, 'wx', 0o644)
    try {
      const blob = await pour(handle, source)
      if (await isWhole(blob)) {
        // Younger again, so that a `gc` which runs now leaves it.
        const now = new Date()
        await utimes(path(blob.digest), now, now)
      } else {
        await handle.sync()
        await rename(temporary, path(blob.digest))
        await syncFolder(folders.blobs)
      }
      return blob
    } finally {
      await handle.close()
    }
  } finally {
    await rm(temporary, { force: true })
  }
}

async function pour(handle: FileHandle, { bytes, signal }: Source): Promise<BlobRef> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of gathered(bytes)) {
    signal?.throwIfAborted()
    hash.update(chunk)
    await writeAll(handle, chunk)
    sizeBytes += chunk.length
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes }
}

/** A write to a disk that fills up may be a short one; the next then says ENOSPC. */
async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, done)
    done += bytesWritten
  }
}

const gatherBytes = 1 << 20

/** Small pieces (headers, small files) together, so that not each costs a write. */
async function* gathered(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = []
  let sizeBytes = 0
  for await (const piece of bytes) {
    pieces.push(piece)
    sizeBytes += piece.length
    if (sizeBytes < gatherBytes) continue
    yield Buffer.concat(pieces)
    pieces = []
    sizeBytes = 0
  }
  yield Buffer.concat(pieces)
}

async function lookOf(path: string): Promise<{ sizeBytes: number; key: string } | null> {
  try {
    const { size, ino, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return { sizeBytes: Number(size), key: `${ino} ${size} ${mtimeNs} ${ctimeNs}` }
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null
    throw error
  }
}

async function bytesOf(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null
    throw error
  }
}
