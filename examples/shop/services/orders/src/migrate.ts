import { readdir, readFile } from 'node:fs/promises'
import type { Client } from 'pg'

/** Any number that nobody else on the same database uses for an advisory lock. */
const LOCK = 7_041_776

const folder = new URL('../migrations/', import.meta.url)

/**
 * Brings the schema up to date, each `NNN_name.sql` in a transaction of its own; instances that start
 * together wait for one another. A database that is ahead of these files is left alone: an older
 * version must run on the newer schema while it is being replaced.
 * @returns the names of the migrations that were run now
 */
export async function migrate(client: Client): Promise<readonly string[]> {
  await client.query('select pg_advisory_lock($1)', [LOCK])
  try {
    await client.query(`create table if not exists schema_migrations (
      name text primary key, applied_at timestamptz not null default now())`)
    const applied = await client.query<{ name: string }>('select name from schema_migrations')
    const done = new Set(applied.rows.map(({ name }) => name))
    const waiting = (await migrationNames()).filter((name) => !done.has(name))
    for (const name of waiting) await apply(client, name)
    return waiting
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK])
  }
}

async function migrationNames(): Promise<readonly string[]> {
  const names = await readdir(folder)
  return names.filter((name) => /^\d{3}_\w+\.sql$/.test(name)).sort()
}

async function apply(client: Client, name: string): Promise<void> {
  const sql = await readFile(new URL(name, folder), 'utf8')
  await client.query('begin')
  try {
    await client.query(sql)
    await client.query('insert into schema_migrations (name) values ($1)', [name])
    await client.query('commit')
  } catch (cause) {
    await client.query('rollback')
    throw new Error(`migration ${name} failed and was undone`, { cause })
  }
}
