import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../store-error.ts'

/** One step of the schema, run once in each file, in a transaction. Never changed after a release. */
export type Migration = { readonly version: number; readonly name: string; readonly sql: string }

export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: 'events, subjects and the head of the chain',
    // An INSERT OR REPLACE deletes without asking the delete trigger; the insert trigger stops it,
    // and keeps seq without a gap.
    sql: `
      CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        type TEXT NOT NULL,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        actor TEXT NOT NULL,
        data TEXT NOT NULL,
        state TEXT,
        previous_hash TEXT NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;
      CREATE INDEX events_by_subject ON events (kind, id, seq);
      CREATE INDEX events_by_type ON events (type, seq);
      CREATE TRIGGER events_never_change BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
      CREATE TRIGGER events_never_go BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
      CREATE TRIGGER events_follow BEFORE INSERT ON events
        WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

      CREATE TABLE subjects (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        state TEXT,
        PRIMARY KEY (kind, id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX subjects_by_change ON subjects (kind, seq);

      CREATE TABLE head (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        seq INTEGER NOT NULL,
        at INTEGER NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;
      INSERT INTO head VALUES (1, 0, 0, '${'0'.repeat(64)}');
    `,
  },
]

/** The number that SQLite keeps in the file's header for the application (`PRAGMA user_version`). */
export function schemaVersion(db: DatabaseSync): number {
  const row = db.prepare('PRAGMA user_version').get()
  return Number(row?.user_version)
}

/**
 * Brings the file to the newest version, each migration whole or not at all.
 * @throws StoreError `store-newer` when the file is ahead of the list
 */
export function migrate(db: DatabaseSync, file: string, list = migrations): void {
  refuseNewer(schemaVersion(db), file, list)
  for (const migration of list) {
    if (schemaVersion(db) >= migration.version) continue
    db.exec('BEGIN IMMEDIATE')
    try {
      // Asked again under the lock: another process may have migrated meanwhile.
      if (schemaVersion(db) < migration.version) {
        db.exec(migration.sql)
        db.exec(`PRAGMA user_version = ${migration.version}`)
      }
      db.exec('COMMIT')
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
}

/** @throws StoreError `store-newer`, `store-older`: who only reads cannot migrate */
export function requireCurrent(db: DatabaseSync, file: string, list = migrations): void {
  const version = schemaVersion(db)
  refuseNewer(version, file, list)
  if (version < newest(list)) {
    throw new StoreError({
      code: 'store-older',
      fault: 'outside',
      message: `${file} has schema version ${version}, this Slipway reads ${newest(list)}: start \`slipway serve\` once, which migrates it`,
    })
  }
}

function refuseNewer(version: number, file: string, list: readonly Migration[]): void {
  if (version <= newest(list)) return
  throw new StoreError({
    code: 'store-newer',
    fault: 'outside',
    message: `${file} has schema version ${version}, this Slipway knows up to ${newest(list)}: use the newer Slipway that wrote it`,
  })
}

function newest(list: readonly Migration[]): number {
  return list.at(-1)?.version ?? 0
}
