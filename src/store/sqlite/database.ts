import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../store-error.ts'

const busyTimeoutMs = 5_000

/**
 * Opens the file in WAL mode.
 *
 * `synchronous = FULL` syncs the WAL at each commit. NORMAL would survive kill -9 but may lose the
 * last events when the machine loses power, and an acknowledged event is a promise: somebody may
 * have been told "promoted". The price is one fsync an append (some 0.1–1 ms on an SSD); several
 * events in one append share it. `fullfsync` asks macOS to empty the drive's cache as well.
 */
export function openDatabase(options: {
  readonly file: string
  readonly readOnly: boolean
}): DatabaseSync {
  const { file, readOnly } = options
  if (readOnly && !existsSync(file)) {
    throw new StoreError({
      code: 'store-missing',
      fault: 'input',
      message: `there is no store at ${file}: start \`slipway serve\` there first, or name the right folder`,
    })
  }
  if (!readOnly) mkdirSync(dirname(file), { recursive: true })
  return translating(file, () => {
    const db = new DatabaseSync(file, { readOnly, timeout: busyTimeoutMs })
    try {
      if (!readOnly) {
        db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON')
        db.exec('PRAGMA journal_size_limit = 67108864')
      }
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** All that `action` writes, or nothing. The transaction takes the write lock at its start. */
export function transaction<T>(db: DatabaseSync, action: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = action()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // SQLite has rolled back by itself after some failures, a full disk among them.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** Reads that belong together: nothing that another process appends meanwhile is seen. */
export function snapshot<T>(db: DatabaseSync, action: () => T): T {
  db.exec('BEGIN')
  try {
    return action()
  } finally {
    db.exec('COMMIT')
  }
}

/** Runs `action`, turning SQLite's failures that a user can mend into StoreErrors. */
export function translating<T>(file: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw translated(file, error)
  }
}

// Primary result codes, the low byte of the extended ones: https://sqlite.org/rescode.html
const SQLITE_BUSY = 5
const SQLITE_READONLY = 8
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_NOTADB = 26

function translated(file: string, error: unknown): unknown {
  const code = primaryCode(error)
  const systemCode = systemCodeOf(error)
  if (code === SQLITE_FULL || systemCode === 'ENOSPC') {
    return new StoreError({
      code: 'disk-full',
      fault: 'outside',
      retry: 'later',
      message: `the disk that holds ${file} is full: free some space; nothing of the event was written`,
      cause: error,
    })
  }
  if (code === SQLITE_BUSY) {
    return new StoreError({
      code: 'store-busy',
      fault: 'outside',
      retry: 'later',
      message: `another process kept ${file} locked for ${busyTimeoutMs / 1000} s: try again, or end that process`,
      cause: error,
    })
  }
  if (code === SQLITE_CANTOPEN || ['EACCES', 'EPERM', 'EROFS'].includes(systemCode ?? '')) {
    return new StoreError({
      code: 'store-unreachable',
      fault: 'outside',
      message: `${file} cannot be opened: see that this user may write to its folder, or name another one`,
      cause: error,
    })
  }
  if (code === SQLITE_READONLY) return readOnlyError(file, error)
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) {
    return new StoreError({
      code: 'store-corrupted',
      fault: 'outside',
      message: `${file} is no whole SQLite file: put back a backup, or move it away to start an empty one`,
      cause: error,
    })
  }
  return error
}

/** Writing was asked of a store that was opened for reading, or whose file may not be written. */
export function readOnlyError(file: string, cause?: unknown): StoreError {
  return new StoreError({
    code: 'store-read-only',
    fault: 'outside',
    message: `${file} is open for reading only: write through \`slipway serve\`, or make the file writable`,
    cause,
  })
}

function systemCodeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null
  return typeof error.errcode === 'number' ? error.errcode & 0xff : null
}
