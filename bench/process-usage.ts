import { readFileSync } from 'node:fs'

/** Kernel ticks a second, as `getconf CLK_TCK` says on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** CPU time that a process has used so far, in milliseconds; a step of 10. Fields 14 and 15 of proc(5)'s stat. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND
}

/** Memory of a process that is in RAM, in megabytes (10^6 bytes). */
export function residentMb(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (Number(kib) * 1024) / 1e6
}
