import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Absolute path of a program on PATH; null: it is not there. Debian keeps some outside a user's PATH. */
export function locate(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export type Ran = {
  /** From before it is started until it has ended. */
  readonly ms: number
  readonly stdout: string
}

export type RunOptions = {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a program to its end. @throws when it does not end with 0, with what it said. */
export function run(command: readonly string[], options: RunOptions = {}): Ran {
  const [program, ...args] = command
  const started = performance.now()
  const { status, stdout, stderr, error } = spawnSync(program!, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 28,
  })
  const ms = performance.now() - started
  if (error !== undefined) throw error
  if (status !== 0)
    throw new Error(`${command.join(' ')} ended with ${status}:\n${stderr}${stdout}`)
  return { ms, stdout }
}
