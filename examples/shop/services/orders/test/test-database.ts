import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Pool } from 'pg'
import { migrate } from '../src/migrate.ts'
import { type PostgresAddress, startOwn } from '../src/postgres-address.ts'

const STARTING = '57P03'
const IN_USE = '55006'

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
      await drop(server.url, name)
      await server.stop()
    },
  }
}

/** The pool's connections say goodbye, but the server hears it a moment later. */
async function drop(server: string, name: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await query(server, `drop database ${name}`)
      return
    } catch (error) {
      if (!hasCode(error, IN_USE) || tries > 200) throw error
      await sleep(25)
    }
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
      if (!hasCode(error, STARTING)) throw error
      await sleep(100)
    }
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
