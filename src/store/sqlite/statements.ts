import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { EventQuery } from '../store.ts'
import type { Row, StoredLink } from './rows.ts'

const defaultLimit = 1000

/**
 * The store's SQL. Each statement is prepared once and kept: preparing anew for each call keeps
 * memory until the garbage collector finds it.
 */
export type Statements = ReturnType<typeof prepareStatements>

export function prepareStatements(db: DatabaseSync) {
  const kept = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    const known = kept.get(sql)
    if (known !== undefined) return known
    const prepared = db.prepare(sql)
    kept.set(sql, prepared)
    return prepared
  }
  return {
    head: () => headOf(statement('SELECT seq, at, hash FROM head').get()),
    moveHead: (link: StoredLink) =>
      statement('UPDATE head SET seq = ?, at = ?, hash = ?').run(link.seq, link.at, link.hash),
    insertEvent: (link: StoredLink) =>
      statement('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
        ...[link.seq, link.at, link.type, link.kind, link.id, link.actor],
        ...[link.data, link.state, link.previousHash, link.hash],
      ),
    project: (link: StoredLink) => projectState(statement, link),
    subject: (kind: string, id: string): Row | undefined =>
      statement('SELECT * FROM subjects WHERE kind = ? AND id = ?').get(kind, id),
    subjects: (kind: string, limit: number): Row[] =>
      statement(
        'SELECT * FROM subjects WHERE kind = ? AND state IS NOT NULL ORDER BY seq DESC LIMIT ?',
      ).all(kind, limit),
    events: (query: EventQuery): Row[] => selectEvents(statement, query),
    everyEvent: (): Iterable<Row> => statement('SELECT * FROM events ORDER BY seq').iterate(),
    forgetSubjects: () => statement('DELETE FROM subjects').run(),
  }
}

type Prepare = (sql: string) => StatementSync

/**
 * A subject that is gone stays as a row without state: when it comes back its version goes on
 * from there, so that somebody who holds an old version cannot take it for the one they knew.
 */
function projectState(statement: Prepare, link: StoredLink): void {
  if (link.state === null) return
  statement(
    `INSERT INTO subjects (kind, id, version, updated_at, seq, state) VALUES (?, ?, 1, ?, ?, ?)
     ON CONFLICT (kind, id) DO UPDATE SET version = version + 1,
       updated_at = excluded.updated_at, seq = excluded.seq, state = excluded.state`,
  ).run(link.kind, link.id, link.at, link.seq, link.state === 'null' ? null : link.state)
}

function selectEvents(statement: Prepare, query: EventQuery): Row[] {
  const conditions = ['seq > ?']
  const values: SQLInputValue[] = [query.after ?? 0]
  for (const column of ['kind', 'id', 'type'] as const) {
    const value = query[column]
    if (value === undefined) continue
    conditions.push(`${column} = ?`)
    values.push(value)
  }
  const sql = `SELECT * FROM events WHERE ${conditions.join(' AND ')} ORDER BY seq LIMIT ?`
  return statement(sql).all(...values, query.limit ?? defaultLimit)
}

function headOf(row: Row | undefined): { seq: number; at: number; hash: string } {
  return { seq: Number(row?.seq), at: Number(row?.at), hash: String(row?.hash) }
}
