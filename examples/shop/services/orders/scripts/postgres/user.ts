import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type User = { readonly uid: number; readonly gid: number }

/**
 * Postgres refuses to run as root: then it runs as `postgres`, or as `nobody` where there is no such
 * user. Null: nobody is root here, and it runs as we do.
 */
export async function serverUser(): Promise<User | null> {
  if (process.getuid?.() !== 0) return null
  return (await find('postgres')) ?? (await find('nobody'))
}

/** Whether a user who owns none of it can reach a path. */
export async function isReachable(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode } = await stat(folder)
    if ((mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

/** A folder for temporary files that every user can reach. */
export async function openTemporary(): Promise<string> {
  for (const folder of [tmpdir(), '/tmp', '/var/tmp']) {
    if (await isReachable(folder)) return folder
  }
  throw new Error('Postgres cannot run as root, and no temporary folder is open to others')
}

async function find(name: string): Promise<User | null> {
  try {
    const { stdout } = await run('id', ['-u', name])
    const group = await run('id', ['-g', name])
    return { uid: Number(stdout), gid: Number(group.stdout) }
  } catch (error) {
    // `id` exits with 1 when there is no such user.
    if (error instanceof Error && 'code' in error && error.code === 1) return null
    throw error
  }
}
