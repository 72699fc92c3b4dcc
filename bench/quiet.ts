import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

const SAMPLE_MS = 500
const QUIET_SHARE = 0.08
const PATIENCE_MS = 10_000

/** Waits until nobody uses the processors, ten seconds at most: a busy machine stays busy. */
export async function quiet(): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline) {
    const before = ticks()
    await sleep(SAMPLE_MS)
    const after = ticks()
    if ((after.busy - before.busy) / (after.all - before.all) < QUIET_SHARE) return
  }
}

/** Processor time since the machine was started, of all cores together. */
function ticks(): { readonly busy: number; readonly all: number } {
  let busy = 0
  let idle = 0
  for (const { times } of cpus()) {
    busy += times.user + times.nice + times.sys + times.irq
    idle += times.idle
  }
  return { busy, all: busy + idle }
}
