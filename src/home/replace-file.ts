import { open, rename } from 'node:fs/promises'

/**
 * Replaces a file whole and durably: a reader, and a machine that lost its power, sees the old text or
 * the new one. Only its owner may read it. Throws what the file system throws.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.new`, file)
}
