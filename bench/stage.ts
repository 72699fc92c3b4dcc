import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeFolder } from '../src/demo/remove-folder.ts'

const GRACE_MS = 10_000

/** A file system in memory, on Linux. */
const MEMORY = '/dev/shm'

/** A folder and processes that are gone when the measurement is over, whichever way it ends. */
export class Stage implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  readonly #folders = [this.folder]
  readonly #children: ChildProcess[] = []

  /** A folder whose files are in memory; where there is none such, one more on the disk. */
  memoryFolder(): string {
    const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'slipway-bench-'))
    this.#folders.push(folder)
    return folder
  }

  /** Starts a program; on `core` alone when one is given. Its standard error goes to the bench's. */
  start(command: readonly string[], options: SpawnOptions & { readonly core?: number | null }) {
    const { core = null, ...rest } = options
    const [program, ...args] = core === null ? command : ['taskset', '-c', String(core), ...command]
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'], ...rest })
    this.#children.push(child)
    return child
  }

  /** Ends what was started, the last first; the folder stays. */
  async endAll(): Promise<void> {
    for (const child of this.#children.splice(0).toReversed()) await end(child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endAll()
    for (const folder of this.#folders.splice(0)) removeFolder(folder)
  }
}

/** SIGTERM, and SIGKILL to what has not ended after the grace. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  await ended
  clearTimeout(timer)
}
