import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { UnpackedArtifact } from '../artifact.ts'
import { isSystemError } from '../artifact-error.ts'
import { removeTree, syncFolder, temporaryName, writeWhole } from './durable.ts'
import type { LayoutFolders } from './folders.ts'
import { locked } from './lock.ts'

/** Written last, into a folder that gets its name afterwards: what has it is complete. */
const markerSchema = z.object({
  digest: z.string(),
  boot: z.string().nullable(),
  start: z.string(),
  labels: z.object({
    commit: z.string(),
    source: z.string(),
    version: z.string(),
    committedAt: z.number(),
  }),
})
type Marker = z.infer<typeof markerSchema>

/**
 * The artifact as it was unpacked before; null: it was not, or not to its end, or before the machine
 * last started: its files were never synced (one by one that takes seconds), so a loss of power may
 * have emptied them, and to unpack again is cheap.
 */
export async function findUnpacked(
  folders: LayoutFolders,
  digest: string,
): Promise<UnpackedArtifact | null> {
  const home = homeOf(folders, digest)
  const text = await textOf(join(home, 'complete.json'))
  const marker = text === null ? null : parse(text)
  if (marker === null || marker.digest !== digest || marker.boot !== (await bootId())) return null
  return unpackedArtifact(home, marker)
}

/** Has `fill` unpack into a temporary folder, and gives it its name when all is there. */
export async function makeUnpacked(
  folders: LayoutFolders,
  image: Omit<Marker, 'boot'>,
  fill: (folder: string) => Promise<void>,
): Promise<UnpackedArtifact> {
  const temporary = join(folders.temporary, temporaryName())
  const marker = { ...image, boot: await bootId() }
  const home = homeOf(folders, marker.digest)
  try {
    await mkdir(join(temporary, 'app'), { recursive: true })
    await fill(join(temporary, 'app'))
    const markerFile = join(temporary, 'complete.json')
    await writeWhole(markerFile, `${markerFile}.new`, (handle) =>
      handle.writeFile(JSON.stringify(marker)),
    )
    await locked(folders.lock, () => takeName(folders, temporary, marker.digest))
  } finally {
    await removeTree(temporary)
  }
  return unpackedArtifact(home, marker)
}

/** Under the lock: another process may have been faster, and then its folder is as good as ours. */
async function takeName(folders: LayoutFolders, from: string, digest: string): Promise<void> {
  const home = homeOf(folders, digest)
  try {
    await rename(from, home)
  } catch (error) {
    if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST')) throw error
    if ((await findUnpacked(folders, digest)) !== null) return
    await removeTree(home)
    await rename(from, home)
  }
  await syncFolder(folders.unpacked)
}

export function homeOf(folders: LayoutFolders, digest: string): string {
  return join(folders.unpacked, digest.slice('sha256:'.length))
}

function unpackedArtifact(home: string, { start, labels }: Marker): UnpackedArtifact {
  return { folder: join(home, 'app'), start, labels }
}

/** Linux names each start of the machine; null where the system does not. */
function bootId(): Promise<string | null> {
  return textOf('/proc/sys/kernel/random/boot_id')
}

/** Null for what is no marker: a loss of power can leave a file without its bytes. */
function parse(text: string): Marker | null {
  try {
    return markerSchema.parse(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null
    throw error
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}
