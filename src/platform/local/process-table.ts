import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'

/** A process as the system shows it. */
export type ProcessFact = {
  readonly pid: number
  /** Id of its process group: the pid of the group's leader. */
  readonly group: number
  /** Tells the process from a later one with the same pid, across reboots too. */
  readonly stamp: string
  /** It has ended and only its entry is left; a zombie is not alive. */
  readonly zombie: boolean
}

/** Looking at all processes gives way to requests after so many. */
const ROWS_BETWEEN_BREATHS = 64

let boot: string | undefined

/** Null: there is no such process. Source of the fields: proc_pid_stat(5). */
export function readProcess(pid: number): ProcessFact | null {
  const text = readProc(`/proc/${pid}/stat`)
  if (text === null) return null
  // The command's name stands in brackets and may hold blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {
    pid,
    group: Number(fields[2]),
    stamp: `${bootId()}:${fields[19]}`,
    zombie: fields[0] === 'Z' || fields[0] === 'X',
  }
}

/** Whether the very process that got this stamp still runs. */
export function isAlive(pid: number, stamp: string): boolean {
  const fact = readProcess(pid)
  return fact !== null && !fact.zombie && fact.stamp === stamp
}

/** Every process that is alive. */
export async function listProcesses(): Promise<readonly ProcessFact[]> {
  const facts: ProcessFact[] = []
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  for (const [index, name] of names.entries()) {
    if (index % ROWS_BETWEEN_BREATHS === ROWS_BETWEEN_BREATHS - 1) await setImmediate()
    const fact = readProcess(Number(name))
    if (fact !== null && !fact.zombie) facts.push(fact)
  }
  return facts
}

/** Resident memory in bytes; 0: the process is gone. */
export function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`) ?? '')
  return line === null ? 0 : Number(line[1]) * 1024
}

/** The environment that the process was started with; empty: it is gone, or it is another user's. */
export function environOf(pid: number): Readonly<Record<string, string>> {
  const entries = (readProc(`/proc/${pid}/environ`) ?? '').split('\0').map((entry) => {
    const at = entry.indexOf('=')
    return [entry.slice(0, at), entry.slice(at + 1)] as const
  })
  return Object.fromEntries(entries)
}

/** Sends a signal to a process, or with a negative pid to a group; false: there is none. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
    throw error
  }
}

function bootId(): string {
  boot ??= (readProc('/proc/sys/kernel/random/boot_id') ?? '').trim()
  return boot
}

/** Null: not there any more, or not ours to read. */
function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return null
    throw error
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
