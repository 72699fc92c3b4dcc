import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { keptError } from '../artifact-error.ts'

const patienceMs = 30_000
const pauseMs = 5

/**
 * Runs `action` while no other process, and nobody else in this one, holds the lock on `file`.
 * The lock is SQLite's on an empty file: the kernel frees it with the process, so a kill -9 leaves
 * nothing behind that somebody had to judge stale.
 */
export async function locked<T>(file: string, action: () => Promise<T>): Promise<T> {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    const waitedFrom = performance.now()
    while (!isTaken(lock)) {
      if (performance.now() - waitedFrom > patienceMs) throw neverFreed(file)
      await sleep(pauseMs)
    }
    return await action()
  } finally {
    lock.close()
  }
}

const SQLITE_BUSY = 5

function isTaken(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false
    throw error
  }
}

function neverFreed(file: string): Error {
  return keptError(
    'layout-invalid',
    `another process has held ${file} for ${patienceMs / 1000} s: end the Slipway that hangs`,
  )
}
