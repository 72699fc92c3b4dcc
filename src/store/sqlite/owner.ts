import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../store-error.ts'

export type Ownership = {
  /** Lets the next one own it; the end of the process does the same, however it ended. */
  release(): void
}

/**
 * Makes this process the only owner of the store.
 *
 * The lock is SQLite's own on an empty side file (`FILE.lock`): the kernel frees it when the process
 * dies, so a kill -9 leaves nothing to clean up and no pid can be mistaken for another. `FILE.owner`
 * only names the owner for people; it is a file of its own because closing any descriptor of a
 * locked file would drop the lock.
 * @throws StoreError `store-in-use`, naming the owner's pid
 */
export function takeOwnership(file: string): Ownership {
  mkdirSync(dirname(file), { recursive: true })
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    throw inUse(file, error)
  }
  try {
    writeFileSync(ownerFile(file), `${process.pid}\n`)
  } catch (error) {
    lock.close()
    throw error
  }
  return {
    release() {
      if (lock.isOpen) lock.close()
    },
  }
}

function inUse(file: string, cause: unknown): StoreError {
  const pid = ownerPid(file)
  const owner = pid === null ? 'another process' : `process ${pid}`
  return new StoreError({
    code: 'store-in-use',
    fault: 'outside',
    message: `${file} is in use by ${owner}: only one \`slipway serve\` may own a store; stop that one first, or use another folder`,
    cause,
  })
}

/** The pid that the owner wrote; waits a moment for an owner that has the lock but not written yet. */
function ownerPid(file: string): number | null {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const pid = readPid(file)
    if (pid !== null && isAlive(pid)) return pid
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25)
  }
  return null
}

function readPid(file: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(ownerFile(file), 'utf8'), 10)
    return Number.isInteger(pid) && pid > 0 ? pid : null
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function ownerFile(file: string): string {
  return `${file}.owner`
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5
}
