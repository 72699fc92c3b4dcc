/**
 * store/sqlite: the event log in one SQLite file, on the driver that Node brings.
 * Read first: sqlite-store.ts (append and read), then migrations.ts (the tables), owner.ts (one
 * `serve` a store), database.ts (durability, and SQLite's failures as StoreErrors).
 */
export { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'
