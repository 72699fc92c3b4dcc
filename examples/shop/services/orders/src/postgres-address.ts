import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export type PostgresAddress = { readonly url: string; readonly stop: () => Promise<void> }

const script = fileURLToPath(new URL('../scripts/postgres.ts', import.meta.url))

/**
 * DATABASE_URL, or a Postgres of our own that lives as long as this process: its files are in
 * SLIPWAY_DATA, or in `.data` where the process was started.
 */
export async function postgresAddress(
  env: Readonly<Record<string, string | undefined>>,
): Promise<PostgresAddress> {
  if (env.DATABASE_URL) return { url: env.DATABASE_URL, stop: async () => {} }
  if (!existsSync(script)) {
    throw new Error('DATABASE_URL is not set, and this build brings no Postgres of its own: set it')
  }
  const data = resolve(env.SLIPWAY_DATA ?? '.data', 'postgres')
  return startOwn(['--data', data])
}

/** Without `--data` its files are temporary. */
export async function startOwn(args: readonly string[]): Promise<PostgresAddress> {
  // A group of its own: Ctrl-C reaches us first, and we stop it when the last query is done.
  // It also stops by itself when its input ends, so that not even kill -9 leaves it behind.
  // PORT is where this service listens, not Postgres.
  const { PORT: _, ...env } = process.env
  const child = spawn(process.execPath, [script, '--follow-stdin', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
    env,
  })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  const url = await firstLine(child)
  return {
    url,
    stop: async () => {
      child.stdin?.end()
      await ended
    },
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += chunk
    const end = text.indexOf('\n')
    if (end >= 0) return text.slice(0, end)
  }
  throw new Error('Postgres did not start: its own words are above')
}
