import { setTimeout as sleep } from 'node:timers/promises'
import type { Figure, Part, PartOptions, PartResult } from '../figure.ts'
import { startPlanes } from '../planes.ts'
import { residentMb } from '../process-usage.ts'

const AIM_MB = 120

/** Memory of `serve` and `node` at rest, with one service deployed. */
export const memory: Part = { name: 'memory', run: measure }

async function measure({ stage, isQuick }: PartOptions): Promise<PartResult> {
  const { serve, node } = await startPlanes(stage)
  await sleep(isQuick ? 1_000 : 10_000)
  const figure = (what: string, pid: number): Figure => {
    const value = residentMb(pid)
    const aim = { text: `under ${AIM_MB} MB`, isMet: value < AIM_MB }
    return { part: 'memory', what, value, unit: 'MB', aim }
  }
  const figures = [
    figure('slipway serve at rest', serve.pid!),
    figure('slipway node at rest', node.pid!),
  ]
  return { figures, details: {} }
}
