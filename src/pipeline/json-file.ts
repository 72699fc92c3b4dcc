import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What `writeJson` wrote; null: nothing yet. @throws SyntaxError when something else wrote the file */
export async function readJson<T>(file: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Whole or not at all, whoever else writes at the same time. */
export async function writeJson<T>(file: string, value: T): Promise<void> {
  await writeWhole(file, JSON.stringify(value))
}

/**
 * What `writeSealed` wrote; null: nothing yet, or not byte for byte that. For what can be found out
 * again, and must not be believed when it is damaged.
 */
export async function readSealed<T>(file: string): Promise<T | null> {
  try {
    const text = await readFile(file, 'utf8')
    const body = text.slice(SEAL_LENGTH)
    return text.slice(0, SEAL_LENGTH) === sealOf(body) ? (JSON.parse(body) as T) : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Whole or not at all, with a hash in front by which damage is noticed. */
export async function writeSealed<T>(file: string, value: T): Promise<void> {
  const body = JSON.stringify(value)
  await writeWhole(file, `${sealOf(body)}${body}`)
}

/** A SHA-256 in hex and a line break. */
const SEAL_LENGTH = 65

function sealOf(body: string): string {
  return `${createHash('sha256').update(body).digest('hex')}\n`
}

async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const aside = `${file}.${randomUUID()}`
  try {
    await writeFile(aside, text)
    await rename(aside, file)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
}
