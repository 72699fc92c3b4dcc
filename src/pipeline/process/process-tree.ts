import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'

export type Command = {
  readonly run: string
  /** Absolute. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** stdout and stderr in the order in which they were written. */
  readonly onOutput: (text: string) => void
}

/** Variable by which processes are found that left the group of their command (daemons). */
const MARK = 'SLIPWAY_STEP_MARK'

/** How long output may still come after the last known process has died. */
const LAST_OUTPUT_MS = 500

/**
 * A command line and every process that comes of it: a group of its own, so that a Ctrl-C on the
 * terminal reaches Slipway alone and Slipway ends the whole tree in order.
 */
export class ProcessTree {
  /** Exit code of the shell, 128 + number when a signal ended it. Rejects when it cannot be started. */
  readonly exited: Promise<number>
  readonly #child: ChildProcess
  readonly #mark = randomUUID()
  readonly #before = new Set(processes())
  readonly #closed: Promise<void>
  /** Nothing is left of it: its numbers may belong to others from here on. */
  #isOver = false

  constructor({ run, folder, env, onOutput }: Command) {
    // The outer shell only joins stderr to stdout; the user's own line keeps its line numbers.
    this.#child = spawn('/bin/sh', ['-c', 'exec /bin/sh -c "$0" 2>&1', run], {
      cwd: folder,
      env: { ...env, [MARK]: this.#mark },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    })
    const decoder = new StringDecoder('utf8')
    this.#child.stdout!.on('data', (chunk: Buffer) => onOutput(decoder.write(chunk)))
    this.#closed = new Promise((done) => {
      this.#child.once('close', () => {
        onOutput(decoder.end())
        done()
      })
    })
    this.exited = new Promise((done, failed) => {
      this.#child.once('error', failed)
      this.#child.once('exit', (code, signal) => done(code ?? 128 + signalNumber(signal)))
    })
    // Whoever waits for it hears of the failure; nobody waiting is no crash.
    this.exited.catch(() => undefined)
  }

  /** TERM to the whole tree, KILL to what is left after `graceMs`; returns when nothing is left. */
  async stop(graceMs: number): Promise<void> {
    if (this.#isOver) return
    this.#signal('SIGTERM')
    const deadline = performance.now() + graceMs
    while (this.#isAlive() && performance.now() < deadline) await sleep(20)
    await this.reap()
  }

  /** Kills what the command left behind and waits for the last of its output. */
  async reap(): Promise<void> {
    while (this.#isAlive()) {
      this.#signal('SIGKILL')
      await sleep(5)
    }
    const late = new AbortController()
    await Promise.race([
      this.#closed,
      sleep(LAST_OUTPUT_MS, undefined, late).catch(() => undefined),
    ])
    late.abort()
    this.#child.stdout?.destroy()
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return
    send(-this.#child.pid, signal)
    for (const pid of this.#strays()) send(pid, signal)
  }

  #isAlive(): boolean {
    if (this.#child.pid === undefined) return false
    return groupLives(this.#child.pid) || this.#strays().length > 0
  }

  /** Processes of the tree outside its group. Only Linux tells; elsewhere the group is all that is known. */
  #strays(): readonly number[] {
    const mark = `${MARK}=${this.#mark}`
    return processes().filter(
      (pid) => !this.#before.has(pid) && read(`/proc/${pid}/environ`).includes(mark),
    )
  }
}

function processes(): readonly number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
}

/** Whether any process of the group still runs; a zombie, which only waits to be noticed, does not. */
function groupLives(group: number): boolean {
  if (!send(-group, 0)) return false
  if (process.platform !== 'linux') return true
  return processes().some((pid) => {
    // `pid (name) state parent group …`; the name may hold blanks and brackets.
    const [state, , owner] = read(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ')
    return Number(owner) === group && state !== 'Z' && state !== 'X'
  })
}

/** Empty when the process has gone meanwhile or belongs to someone else. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return ''
    throw error
  }
}

/** False: there is nobody to send it to. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal]
}
