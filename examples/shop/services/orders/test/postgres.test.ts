import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Client } from 'pg'
import { postgresAddress } from '../src/postgres-address.ts'

test('DATABASE_URL is taken as it is', async () => {
  const { url, stop } = await postgresAddress({ DATABASE_URL: 'postgres://db/shop' })
  assert.equal(url, 'postgres://db/shop')
  await stop()
})

test('a Postgres of our own keeps its data, and is gone when it is stopped', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'orders-data-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  // As root it runs as somebody else, who must be able to come here.
  await chmod(folder, 0o755)
  const env = { SLIPWAY_DATA: join(folder, 'not', 'there') }

  const first = await postgresAddress(env)
  await query(first.url, 'create table kept (id integer)')
  await first.stop()
  await assert.rejects(query(first.url, 'select 1'), { code: 'ECONNREFUSED' })

  const second = await postgresAddress(env)
  assert.deepEqual(await query(second.url, 'select * from kept'), [])
  await second.stop()
})

async function query(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
