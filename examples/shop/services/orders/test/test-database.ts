import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Pool } from 'pg'
import { migrate } from '../src/migrate.ts'
import { type PostgresAddress, startOwn } from '../src/postgres-address.ts'

/**
 * A fresh database on the Postgres that there is: the pipeline's sidecar (POSTGRES), DATABASE_URL's
 * server, or one of our own. `close` leaves nothing of it behind.
 */
export async function openTestDatabase() {
  const server = await anyServer()
  const name = `orders_test_${process.pid}_${Date.now().toString(36)}`
  await query(server.url, `create database ${name}`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const pool = new Pool({ connectionString: url.href, max: 5 })
  return {
    url: url.href,
    pool,
    migrate: () => withClient(url.href, migrate),
    close: async () => {
      await pool.end()
      await query(server.url, `drop database ${name} with (force)`)
      await server.stop()
    },
  }
}

async function anyServer(): Promise<PostgresAddress> {
  const { POSTGRES, DATABASE_URL } = process.env
  const url = POSTGRES ? `postgres://postgres@${POSTGRES}/postgres` : DATABASE_URL
  return url ? { url, stop: async () => {} } : startOwn([])
}

function query(url: string, sql: string): Promise<unknown> {
  return withClient(url, (client) => client.query(sql))
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(url)
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** A sidecar that has just opened its port may still be starting: then it says so, and we ask again. */
async function connect(url: string): Promise<Client> {
  for (;;) {
    const client = new Client({ connectionString: url })
    try {
      await client.connect()
      return client
    } catch (error) {
      const isStarting = error instanceof Error && 'code' in error && error.code === '57P03'
      if (!isStarting) throw error
      await sleep(100)
    }
  }
}
