import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { appendingTo, sizeOf } from './log-file.ts'
import { isAlive, readProcess } from './process-table.ts'

/** How a process ended; both null: unknown, an earlier node had started it. */
export type Ending = { readonly code: number | null; readonly signal: string | null }

/** The leader of an instance's process group. */
export type RunningProcess = {
  readonly pid: number
  readonly stamp: string
  readonly port: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** The same moment by `performance.now()`, which no clock change moves. */
  readonly startedTick: number
  /** Size of the log when it started. */
  readonly logFrom: number
  /** Values that must not be shown. */
  readonly secrets: readonly string[]
  readonly ended: Promise<Ending>
}

export type Launch = {
  readonly start: string
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
  readonly port: number
  readonly secrets: readonly string[]
}

/** How often an adopted process, whose exit the system tells another parent, is looked at. */
const ADOPTED_POLL_MS = 200

/** Starts `/bin/sh -c START` in a process group of its own, its output going straight to the log file. */
export async function launch(options: Launch): Promise<RunningProcess> {
  const logFrom = await sizeOf(options.logFile)
  const child = appendingTo(options.logFile, (log) =>
    spawn('/bin/sh', ['-c', shellCommand(options.start)], {
      cwd: options.folder,
      env: options.env,
      detached: true,
      stdio: ['ignore', log, log],
    }),
  )
  if (child.pid === undefined) {
    const [error] = await once(child, 'error')
    throw error
  }
  child.unref()
  return {
    pid: child.pid,
    // Before the next turn of the event loop nobody reaps it: the entry is there even if it has ended.
    stamp: readProcess(child.pid)?.stamp ?? 'gone',
    port: options.port,
    startedAt: Date.now(),
    startedTick: performance.now(),
    logFrom,
    secrets: options.secrets,
    ended: new Promise((resolve) => {
      child.on('exit', (code, signal) => resolve({ code, signal }))
    }),
  }
}

/** Words that only a shell understands, by itself or as the first of a command. */
const SHELL_SYNTAX = /[;&|<>()$`"'\\*?[\]{}#~!\n]|^[^ ]*=/
const SHELL_BUILTIN =
  /^(\.|:|cd|eval|exec|exit|export|set|source|trap|ulimit|umask|unset|wait)( |$)/

/**
 * A single plain command takes the shell's place: one process fewer for each instance, and its own exit
 * code and signals instead of the shell's.
 */
export function shellCommand(start: string): string {
  const command = start.trim()
  return SHELL_SYNTAX.test(command) || SHELL_BUILTIN.test(command) ? command : `exec ${command}`
}

/** Takes up a process that an earlier node started. */
export function adopt(record: {
  readonly pid: number
  readonly stamp: string
  readonly port: number
  readonly startedAt: number
  readonly secrets: readonly string[]
}): RunningProcess {
  return {
    ...record,
    startedTick: performance.now() - Math.max(0, Date.now() - record.startedAt),
    logFrom: 0,
    ended: pollEnd(record.pid, record.stamp),
  }
}

async function pollEnd(pid: number, stamp: string): Promise<Ending> {
  while (isAlive(pid, stamp)) await sleep(ADOPTED_POLL_MS, undefined, { ref: false })
  return { code: null, signal: null }
}
