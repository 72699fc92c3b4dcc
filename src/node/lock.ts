import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { NodeError } from './node-error.ts'

/** Held by one process at a time; the system takes it back from one that dies, however it dies. */
export interface Lock {
  release(): void
}

const BUSY = 5

/**
 * Takes the lock of a state folder. SQLite's lock on a file is the one that Node offers on every
 * system and that needs no clean-up after kill -9.
 * @throws NodeError `node-in-use`
 */
export function takeLock(folder: string): Lock {
  const database = new DatabaseSync(join(folder, 'lock.sqlite'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === BUSY) {
      throw inUse(folder, cause)
    }
    throw cause
  }
  writeFileSync(pidFile(folder), String(process.pid), { mode: 0o600 })
  return { release: () => database.close() }
}

function inUse(folder: string, cause: unknown): NodeError {
  const pid = readFileSync(pidFile(folder), 'utf8')
  return new NodeError({
    code: 'node-in-use',
    fault: 'outside',
    cause,
    message: `process ${pid} is the node of ${folder}: use it, end it first, or choose another folder with --state`,
  })
}

function pidFile(folder: string): string {
  return join(folder, 'pid')
}
