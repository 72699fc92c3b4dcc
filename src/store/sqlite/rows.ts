import type { Link } from '../chain.ts'
import type { Event, Json, Subject } from '../store.ts'

/** A row as SQLite gives it: the schema's STRICT tables hold the types. */
export type Row = Record<string, unknown>

export type StoredLink = Link & { readonly previousHash: string; readonly hash: string }

export function linkOf(row: Row): StoredLink {
  return {
    seq: Number(row.seq),
    at: Number(row.at),
    type: String(row.type),
    kind: String(row.kind),
    id: String(row.id),
    actor: String(row.actor),
    data: String(row.data),
    state: row.state === null ? null : String(row.state),
    previousHash: String(row.previous_hash),
    hash: String(row.hash),
  }
}

export function eventOf(link: StoredLink): Event {
  const { data, state, ...rest } = link
  const event = { ...rest, data: parse(data) }
  return state === null ? event : { ...event, state: parse(state) }
}

export function subjectOf(row: Row): Subject {
  return {
    kind: String(row.kind),
    id: String(row.id),
    version: Number(row.version),
    updatedAt: Number(row.updated_at),
    state: parse(String(row.state)),
  }
}

function parse(text: string): Json {
  const value: Json = JSON.parse(text)
  return value
}
