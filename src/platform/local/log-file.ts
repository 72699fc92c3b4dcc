import { closeSync, mkdirSync, openSync } from 'node:fs'
import { copyFile, open, readdir, rename, rm, stat, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { WorkloadRef } from '../platform.ts'

export type LogLimits = {
  readonly maxBytes: number
  /** Files kept of one instance, the current one included. */
  readonly files: number
  /** Instances whose logs are kept after they are gone, of each workload. */
  readonly endedInstances: number
}

export const DEFAULT_LOG_LIMITS: LogLimits = {
  maxBytes: 10 * 1024 * 1024,
  files: 3,
  endedInstances: 20,
}

const LONGEST_LINE = 400

/** The folder with one `INSTANCE.log` for each instance of the workload, and `.1`, `.2` … behind it. */
export function logFolder(nodeFolder: string, workload: WorkloadRef): string {
  return join(nodeFolder, 'logs', fileName(workload.environment), fileName(workload.service))
}

export function logFile(nodeFolder: string, workload: WorkloadRef, instance: string): string {
  return join(logFolder(nodeFolder, workload), `${fileName(instance)}.log`)
}

/** Runs `use` with a descriptor that appends: what has it goes on writing when this process is gone. */
export function appendingTo<T>(file: string, use: (descriptor: number) => T): T {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const descriptor = openSync(file, 'a', 0o600)
  try {
    return use(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Bytes in the file; 0: there is none. */
export async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}

/**
 * Copies a log that has grown too large aside and empties it. The writer keeps its descriptor, so
 * renaming would not do; a line written between copy and truncation is lost.
 */
export async function rotate(file: string, limits: LogLimits): Promise<void> {
  if ((await sizeOf(file)) < limits.maxBytes) return
  for (let index = limits.files - 2; index >= 1; index--) {
    if ((await sizeOf(`${file}.${index}`)) > 0) {
      await rename(`${file}.${index}`, `${file}.${index + 1}`)
    }
  }
  if (limits.files > 1) await copyFile(file, `${file}.1`)
  await truncate(file, 0)
}

/** The last line that is not blank, shortened; null: nothing was written after `from`. */
export async function lastLine(file: string, from: number): Promise<string | null> {
  const size = await sizeOf(file)
  // Smaller than before: it was rotated meanwhile.
  const start = Math.max(size < from ? 0 : from, size - 8 * 1024)
  if (size <= start) return null
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(size - start),
      position: start,
    })
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n')
    return lines.findLast((line) => line.trim() !== '')?.trim() ?? null
  } finally {
    await handle.close()
  }
}

/** A line short enough for a reason. Shorten after masking: half a secret would not be recognised. */
export function shortened(line: string): string {
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE)}…`
}

/** Removes the logs of the instances that ended longest ago. */
export async function pruneLogs(
  folder: string,
  live: ReadonlySet<string>,
  limits: LogLimits,
): Promise<void> {
  const names = await readdir(folder)
  const ended = names.filter((name) => name.endsWith('.log') && !live.has(name.slice(0, -4)))
  const dated = await Promise.all(
    ended.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  )
  const old = dated.toSorted((a, b) => b.at - a.at).slice(limits.endedInstances)
  for (const name of old.flatMap((log) => names.filter((file) => file.startsWith(log.name)))) {
    await rm(join(folder, name), { force: true })
  }
}

/** One path segment: names of environments may hold `/` (`preview/PR-7`). */
export function fileName(name: string): string {
  return encodeURIComponent(name).replace(/^\./, '%2E')
}
