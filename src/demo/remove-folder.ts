import { chmodSync, lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Deletes a folder with all in it; unpacked artifacts are read-only, so their folders are opened first. */
export function removeFolder(folder: string): void {
  open(folder)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

function open(folder: string): void {
  const { mode } = lstatSync(folder)
  if ((mode & 0o700) !== 0o700) chmodSync(folder, mode | 0o700)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) open(join(folder, entry.name))
  }
}
