import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A program that the job started: it is ended by its own id, and never left behind. */
export type Running = {
  readonly pid: number
  /** The first line that it printed. */
  readonly firstLine: string
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  kill(signal: NodeJS.Signals): void
  /** SIGTERM, and SIGKILL to what has not ended after the grace. */
  stop(): Promise<void>
}

export type ProgramOptions = {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute path of the file that takes what it says on standard error. */
  readonly log: string
  /** How long after SIGTERM until SIGKILL. */
  readonly graceMs?: number
}

/** Starts a program and waits until it has printed a line, which each of ours does once it is ready. */
export async function start(options: ProgramOptions): Promise<Running> {
  const { name, command, args, cwd, env, log, graceMs = 60_000 } = options
  const fd = openSync(log, 'a')
  const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', fd], detached: true })
  closeSync(fd)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const firstLine = await readFirstLine(child, `${name} ended before it was ready: see ${log}`)
  const kill = (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
  }
  return {
    pid: child.pid!,
    firstLine,
    ended,
    kill,
    async stop() {
      kill('SIGTERM')
      const timer = setTimeout(() => kill('SIGKILL'), graceMs)
      await ended
      clearTimeout(timer)
    },
  }
}

function readFirstLine(child: ChildProcess, otherwise: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error(otherwise)))
    const lines = createInterface({ input: child.stdout! })
    // Reading on keeps the pipe empty: a program that prints more must not block.
    lines.once('line', resolve)
    lines.on('line', () => undefined)
  })
}
