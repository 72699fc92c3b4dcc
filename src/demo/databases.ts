import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { start } from './process.ts'

/** A database for each environment, and how the shop is told of it. */
export type Databases = {
  /** `SHOP_DEV_DATABASE_URL` …: the variables that the shop's slipway.yaml refers to. */
  readonly env: Readonly<Record<string, string>>
  readonly close: () => Promise<void>
}

export type DatabaseOptions = {
  readonly example: string
  readonly names: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: string
}

/** Databases on the server that DATABASE_URL names, removed at the end; without it a Postgres of the job's own. */
export async function openDatabases(options: DatabaseOptions): Promise<Databases> {
  const { DATABASE_URL } = options.env
  return DATABASE_URL ? onServer(DATABASE_URL, options.names) : embedded(options)
}

async function onServer(url: string, names: readonly string[]): Promise<Databases> {
  const { default: pg } = await import('pg')
  const ask = async (statements: readonly string[]) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      for (const statement of statements) await client.query(statement)
    } finally {
      await client.end()
    }
  }
  const nonce = randomBytes(4).toString('hex')
  const database = (name: string) => `slipway_demo_${nonce}_${name}`
  await ask(names.map((name) => `create database ${pg.escapeIdentifier(database(name))}`))
  const urlOf = (name: string) => {
    const address = new URL(url)
    address.pathname = `/${database(name)}`
    return address.href
  }
  return {
    env: Object.fromEntries(names.map((name) => variable(name, urlOf(name)))),
    close: () =>
      ask(
        names.map(
          (name) => `drop database if exists ${pg.escapeIdentifier(database(name))} with (force)`,
        ),
      ),
  }
}

async function embedded({ example, names, env, log }: DatabaseOptions): Promise<Databases> {
  const script = join(example, 'services', 'orders', 'scripts', 'postgres.ts')
  const wanted = names.flatMap((name) => ['--database', `shop_${name}`])
  const server = await start({
    name: 'Postgres',
    command: process.execPath,
    args: [script, '--follow-stdin', ...wanted],
    cwd: example,
    env,
    log,
  })
  const base = server.firstLine.slice(0, server.firstLine.lastIndexOf('/'))
  return {
    env: Object.fromEntries(names.map((name) => variable(name, `${base}/shop_${name}`))),
    close: () => server.stop(),
  }
}

function variable(environment: string, url: string): [string, string] {
  return [`SHOP_${environment.toUpperCase()}_DATABASE_URL`, url]
}
