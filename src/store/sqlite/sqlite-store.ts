import type { DatabaseSync } from 'node:sqlite'
import { canonicalJson } from '../canonical-json.ts'
import { genesisHash, linkHash } from '../chain.ts'
import type { Event, NewEvent, Store } from '../store.ts'
import { StoreError } from '../store-error.ts'
import { openDatabase, readOnlyError, snapshot, transaction, translating } from './database.ts'
import { migrate, requireCurrent } from './migrations.ts'
import { type Ownership, takeOwnership } from './owner.ts'
import { eventOf, linkOf, type StoredLink, subjectOf } from './rows.ts'
import { prepareStatements, type Statements } from './statements.ts'

export type SqliteStoreOptions = {
  /** Absolute path; created with its folder when it is not there. */
  readonly file: string
  /** This process alone owns the store, as `slipway serve` does. Default false. */
  readonly exclusive?: boolean
  /** Reads beside the owner; appending throws. Default false. */
  readonly readOnly?: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface SqliteStore extends Store {
  /** Makes the projection anew from the log; for a file whose subjects somebody changed by hand. */
  rebuildSubjects(): void
}

type Expectation = NonNullable<Parameters<Store['append']>[1]>[number]

/**
 * Opens the event log in a SQLite file, migrating an older one.
 * @throws StoreError `store-in-use`, `store-newer`, `store-older`, `store-missing`,
 * `store-unreachable`, `store-corrupted`, `disk-full`
 */
export function openSqliteStore(options: SqliteStoreOptions): SqliteStore {
  const ownership = options.exclusive
    ? translating(options.file, () => takeOwnership(options.file))
    : null
  try {
    const db = openDatabase({ file: options.file, readOnly: options.readOnly ?? false })
    try {
      return translating(options.file, () => storeOn(db, ownership, options))
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    ownership?.release()
    throw error
  }
}

function storeOn(
  db: DatabaseSync,
  ownership: Ownership | null,
  { file, readOnly = false, now }: SqliteStoreOptions,
): SqliteStore {
  if (readOnly) requireCurrent(db, file)
  else migrate(db, file)
  const statements = prepareStatements(db)
  const write = <T>(action: () => T): T => {
    if (readOnly) throw readOnlyError(file)
    return translating(file, () => transaction(db, action))
  }
  return {
    append(events, expect = []) {
      if (events.length === 0) return []
      return write(() => {
        for (const expectation of expect) requireVersion(statements, expectation)
        return appendAll(statements, events, now())
      })
    },
    read: (query) =>
      translating(file, () => statements.events(query).map((row) => eventOf(linkOf(row)))),
    get: (kind, id) =>
      translating(file, () => {
        const row = statements.subject(kind, id)
        return row === undefined || row.state === null ? null : subjectOf(row)
      }),
    // A negative limit is none at all: https://sqlite.org/lang_select.html#limitoffset
    list: (kind, limit = -1) =>
      translating(file, () => statements.subjects(kind, limit).map(subjectOf)),
    firstBrokenLink: () => translating(file, () => snapshot(db, () => firstBrokenLink(statements))),
    rebuildSubjects: () => write(() => replay(statements)),
    close() {
      if (db.isOpen) db.close()
      ownership?.release()
    },
  }
}

function requireVersion(statements: Statements, expected: Expectation): void {
  const row = statements.subject(expected.kind, expected.id)
  const version = row === undefined || row.state === null ? 0 : Number(row.version)
  if (version === expected.version) return
  throw new StoreError({
    code: 'version-conflict',
    fault: 'outside',
    retry: 'now',
    message: `${expected.kind} ${expected.id} is at version ${version}, not ${expected.version}: somebody changed it meanwhile; read it again and decide anew`,
  })
}

function appendAll(statements: Statements, events: readonly NewEvent[], now: number): Event[] {
  let head = statements.head()
  // A clock that jumped back must not put an event before the one that it followed.
  const at = Math.max(Math.floor(now), head.at)
  return events.map((event) => {
    const link = linkAfter(head, event, at)
    statements.insertEvent(link)
    statements.moveHead(link)
    statements.project(link)
    head = link
    return eventOf(link)
  })
}

function linkAfter(head: { seq: number; hash: string }, event: NewEvent, at: number): StoredLink {
  const { type, kind, id, actor } = event
  for (const [name, text] of Object.entries({ type, kind, id, actor })) requireText(name, text)
  const link = {
    seq: head.seq + 1,
    at,
    ...{ type, kind, id, actor },
    data: canonicalJson(event.data),
    state: event.state === undefined ? null : canonicalJson(event.state),
  }
  return { ...link, previousHash: head.hash, hash: linkHash(head.hash, link) }
}

/** SQLite would cut text at a NUL and replace a lone surrogate: the hash would not match what is kept. */
function requireText(name: string, text: string): void {
  if (text !== '' && text.isWellFormed() && !text.includes('\0')) return
  throw new StoreError({
    code: 'event-invalid',
    fault: 'input',
    message: `an event's ${name} is ${JSON.stringify(text)}: give text that is not empty, without NUL and lone surrogates`,
  })
}

function firstBrokenLink(statements: Statements): number | null {
  let seq = 0
  let hash = genesisHash
  for (const row of statements.everyEvent()) {
    const link = linkOf(row)
    seq += 1
    const isWhole =
      link.seq === seq && link.previousHash === hash && link.hash === linkHash(hash, link)
    if (!isWhole) return seq
    hash = link.hash
  }
  // The head is kept apart from the events, so a log whose end was cut off is seen as well.
  const head = statements.head()
  if (head.seq > seq) return seq + 1
  return head.seq === seq && head.hash === hash ? null : Math.max(seq, 1)
}

function replay(statements: Statements): void {
  statements.forgetSubjects()
  for (const row of statements.everyEvent()) statements.project(linkOf(row))
}
