/**
 * store: the append-only event log with its hash chain, and what is projected from it.
 * Nouns: Event, Subject, Store. It never knows what an event means.
 * Read first: store.ts; sqlite/ is the embedded implementation.
 */
export type { Event, EventQuery, Json, NewEvent, Store, Subject } from './store.ts'
