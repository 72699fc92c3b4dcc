import { Client, Pool } from 'pg'
import { logError } from '../../../lib/service.ts'
import { migrate } from './migrate.ts'
import { postgresAddress } from './postgres-address.ts'

export type Database = {
  readonly pool: Pool
  /** True once the schema is up to date and the server answers. */
  readonly isReady: () => Promise<boolean>
  readonly close: () => Promise<void>
}

/** Connects to the database that the environment names, or to one of our own, and migrates it. */
export async function openDatabase(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Database> {
  const address = await postgresAddress(env)
  const pool = new Pool({
    connectionString: address.url,
    max: 5,
    connectionTimeoutMillis: 3000,
    query_timeout: 5000,
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => logError('idle database connection', error))
  try {
    await withClient(address.url, migrate)
  } catch (error) {
    await pool.end()
    await address.stop()
    throw error
  }
  return {
    pool,
    isReady: async () => {
      await pool.query({ name: 'ping', text: 'select 1' })
      return true
    },
    close: async () => {
      await pool.end()
      await address.stop()
    },
  }
}

/** Migrations take their time: on a connection of their own, without the pool's limit. */
async function withClient(url: string, use: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 3000 })
  await client.connect()
  try {
    await use(client)
  } finally {
    await client.end()
  }
}
