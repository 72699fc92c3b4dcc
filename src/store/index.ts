/**
 * store: the append-only event log with its hash chain, and what is projected from it.
 * Decides when an event is durable, in which order events are, and whether the log was tampered
 * with. Nouns: Event, Subject, Store. It never knows what an event means.
 * Read first: store.ts; sqlite/ is the embedded implementation, the only place with SQL;
 * store.contract.ts is what each implementation must pass.
 */
export { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from './sqlite/index.ts'
export type { Event, EventQuery, Json, NewEvent, Store, Subject } from './store.ts'
export { StoreError, type StoreErrorCode } from './store-error.ts'
