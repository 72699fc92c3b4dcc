import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../../home/index.ts'
import { PlatformError } from './platform-error.ts'
import { type State, stateSchema } from './schema.ts'

/** The supervisor's file. Calls of `save` that come while one is being written share the next write. */
export interface StateFile {
  /** Resolves when the state as it is now, or a later one, is on disk. @throws PlatformError `state-not-saved` */
  save(): Promise<void>
}

const NAME = 'platform.json'

/**
 * What the last supervisor of this folder left; a new state when there was none.
 * @throws PlatformError `state-unreadable`
 */
export async function readState(folder: string): Promise<State> {
  const file = join(folder, NAME)
  const text = await readIfThere(file)
  if (text === null) {
    return { format: 1, lastSeq: 0, events: [], workloads: [] }
  }
  try {
    return stateSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new PlatformError({
      code: 'state-unreadable',
      fault: 'outside',
      cause,
      message: `${file} does not hold a supervisor's state (${explain(cause)}): move it away and start the node again, which then ends the instances that still run and starts what it is asked anew`,
    })
  }
}

/** @param current gives the state to write at the moment of writing */
export function stateFile(folder: string, current: () => State): StateFile {
  let written = ''
  let writing: Promise<void> = Promise.resolve()
  let next: Promise<void> | null = null
  const write = async () => {
    next = null
    const text = JSON.stringify(current())
    if (text === written) return
    await saveState(folder, text)
    written = text
  }
  return {
    save() {
      if (next === null) {
        next = writing.then(write)
        // The next write waits for this one, whether it succeeds or not; its callers hear of a failure.
        writing = next.catch(() => {})
      }
      return next
    },
  }
}

async function saveState(folder: string, text: string): Promise<void> {
  const file = join(folder, NAME)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await replaceFile(file, text)
  } catch (cause) {
    throw new PlatformError({
      code: 'state-not-saved',
      fault: 'outside',
      retry: 'later',
      cause,
      message: `${file} could not be written (${explain(cause)}): make room or mend its rights; nothing that was asked is changed`,
    })
  }
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function explain(cause: unknown): string {
  if (cause instanceof z.ZodError) return z.prettifyError(cause)
  return cause instanceof Error ? cause.message : String(cause)
}
