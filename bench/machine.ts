import { cpus, loadavg, totalmem } from 'node:os'

export type Machine = {
  readonly cores: number
  readonly model: string
  readonly memoryGiB: number
  readonly platform: string
  readonly node: string
  /** Mean number of running processes in the minute before the measurement. */
  readonly loadBefore: number
}

export function describeMachine(): Machine {
  const cores = cpus()
  return {
    cores: cores.length,
    model: cores[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    loadBefore: loadavg()[0]!,
  }
}

/** One line on the machine, and a second one when it was busy with something else. */
export function machineText({
  cores,
  model,
  memoryGiB,
  platform,
  node,
  loadBefore,
}: Machine): string {
  const line = `${cores} cores (${model}), ${memoryGiB} GiB, ${platform}, Node ${node}`
  if (loadBefore < cores / 2) return line
  return `${line}\nthe machine was busy: ${loadBefore.toFixed(1)} processes ran before the measurement began`
}
