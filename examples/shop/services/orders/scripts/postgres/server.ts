import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chown, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { findBinaries } from './binaries.ts'
import { isReachable, openTemporary, serverUser, type User } from './user.ts'

const run = promisify(execFile)

export type ServerOptions = {
  /** Where its files are kept; null: in a temporary folder that goes with it. */
  readonly data: string | null
  /** Null: any free one. */
  readonly port: number | null
  /** Made where they are missing. */
  readonly databases: readonly string[]
}

export type Server = {
  /** `postgres://postgres@127.0.0.1:PORT/`, to which the name of a database is added. */
  readonly address: string
  /** Ends with its last connection cut and its files whole. */
  readonly stop: () => Promise<void>
}

/** Starts a Postgres on 127.0.0.1 and waits until it answers; what it started is gone if it throws. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const user = await serverUser()
  const binaries = await findBinaries(user)
  const folder = await folderFor(options.data, user)
  let child: ChildProcess | null = null

  async function cleanUp(): Promise<void> {
    if (child !== null) await end(child)
    await binaries.remove()
    if (options.data === null) await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }

  try {
    const as = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C', LANG: 'C' } }
    if (!(await exists(join(folder, 'PG_VERSION')))) {
      await run(binaries.initdb, ['--pgdata', folder, ...INITDB], as)
    }
    // Chosen at the last moment, so that hardly anybody else can take it.
    const port = options.port ?? (await freePort())
    const flags = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=']
    child = spawn(binaries.postgres, ['-D', folder, '-p', String(port), ...flags], {
      ...as,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const address = `postgres://postgres@127.0.0.1:${port}/`
    await answering(child, address)
    await createMissing(address, options.databases)
    return { address, stop: cleanUp }
  } catch (error) {
    await cleanUp()
    throw error
  }
}

const INITDB = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync']

async function folderFor(data: string | null, user: User | null): Promise<string> {
  const folder = await place(data, user)
  await mkdir(folder, { recursive: true })
  if (user !== null) await chown(folder, user.uid, user.gid)
  return folder
}

async function place(data: string | null, user: User | null): Promise<string> {
  if (data === null) return mkdtemp(join(await openTemporary(), 'shop-postgres-'))
  await mkdir(dirname(data), { recursive: true })
  if (user === null || (await isReachable(dirname(data)))) return data
  const name = createHash('sha256').update(data).digest('hex').slice(0, 12)
  const elsewhere = join(await openTemporary(), `shop-postgres-${name}`)
  console.error(`${data} is closed to the user that Postgres runs as: it is in ${elsewhere}`)
  return elsewhere
}

/** Rejects with Postgres's own words when it ends instead. */
async function answering(child: ChildProcess, address: string): Promise<void> {
  let words = ''
  child.stderr?.on('data', (chunk) => {
    words = `${words}${chunk}`.slice(-2000)
  })
  let failure: Error | null = null
  child.once('error', (error) => {
    failure = error
  })
  for (;;) {
    if (failure !== null) throw failure
    if (hasEnded(child)) throw new Error(`Postgres ended at once:\n${words}`)
    if (await isAnswering(`${address}postgres`)) return
    await sleep(30)
  }
}

async function isAnswering(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url })
  try {
    await client.connect()
  } catch (error) {
    // Nobody listens yet, or it says that it is still starting.
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'ECONNREFUSED' || code === '57P03') return false
    throw error
  }
  await client.end()
  return true
}

async function createMissing(address: string, names: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: `${address}postgres` })
  await client.connect()
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database')
  const there = new Set(rows.map(({ datname }) => datname))
  for (const name of names) {
    if (!there.has(name)) await client.query(`create database ${client.escapeIdentifier(name)}`)
  }
  await client.end()
}

/** SIGINT is Postgres's fast shutdown: it cuts connections and writes a checkpoint. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGINT')
  await ended
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  return port
}
