import { constants } from 'node:fs'
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError } from '../artifact-error.ts'

let made = 0

/** A name in the temporary folder that tells whose it is. */
export function temporaryName(): string {
  made += 1
  return `${process.pid}-${Date.now()}-${made}`
}

/** What processes that are gone left in the temporary folder is removed. */
export async function sweepTemporary(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!isAlive(Number.parseInt(name, 10))) await removeTree(join(folder, name))
  }
}

/** Writes a file whole or not at all: a temporary one beside it, synced, then renamed over it. */
export async function writeWhole(
  path: string,
  temporary: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  try {
    const handle = await open(temporary, 'wx', 0o644)
    try {
      await write(handle)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await renameDurably(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Renames, and syncs the folder: a name that was seen is still there after a loss of power. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to)
  await syncFolder(dirname(to))
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Removes a file, or a folder whose folders may be read-only, as unpacked ones are. */
export async function removeTree(path: string): Promise<void> {
  await makeWritable(path)
  await rm(path, { recursive: true, force: true })
}

async function makeWritable(path: string): Promise<void> {
  try {
    // Opened and not only named: a link is never followed.
    const handle = await open(
      path,
      constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
    )
    try {
      await handle.chmod(0o755)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (isSystemError(error, 'ENOTDIR', 'ENOENT', 'ELOOP')) return
    throw error
  }
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(path, entry.name))
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isSystemError(error, 'EPERM')
  }
}
