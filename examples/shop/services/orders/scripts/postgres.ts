/**
 * A Postgres for development and tests, on 127.0.0.1.
 *   node scripts/postgres.ts [--data FOLDER] [--database NAME]... [--follow-stdin]
 * PORT: where it listens; absent: any free port. Without --data its files are temporary.
 * Prints the address of the first database (default: orders) once it answers; ends on SIGTERM or
 * SIGINT, and with --follow-stdin when its input ends.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startServer } from './postgres/server.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    database: { type: 'string', multiple: true, default: ['orders'] },
    'follow-stdin': { type: 'boolean', default: false },
  },
})

// Asked to end while it starts, it first becomes something that can be ended.
const starting = startServer({
  data: values.data === undefined ? null : resolve(values.data),
  port: Number(process.env.PORT ?? 0) || null,
  databases: values.database,
})
let stopping = false
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  const server = await starting
  await server.stop()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
if (values['follow-stdin']) process.stdin.on('end', stop).resume()

try {
  const { address } = await starting
  console.log(`${address}${values.database[0]}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(3)
}
