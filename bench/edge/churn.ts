import { setTimeout as sleep } from 'node:timers/promises'
import type { Remote } from './remote.ts'
import type { ReverseProxy } from './reverse-proxy.ts'
import { SLOTS } from './workload.ts'

const SHARES = [5, 25, 50, 75, 95, 60, 10, 40]
const WEIGHT_EVERY_MS = 200
const REPLACE_EVERY_MS = 400
const LOOK_EVERY_MS = 10

export type Churned = { readonly weightsSet: number; readonly instancesReplaced: number }

export type ChurnOptions = {
  readonly instances: Remote
  /** Called when all instances take requests, before the first change. */
  readonly onReady: () => void
  readonly signal: AbortSignal
}

/** Changes weights and replaces instances, one after the other, until the signal. */
export async function churn(
  proxy: ReverseProxy,
  { instances, onReady, signal }: ChurnOptions,
): Promise<Churned> {
  const ports: number[] = []
  for (const slot of SLOTS.keys()) {
    ports[slot] = Number(await instances.call('start'))
    await proxy.add(slot, ports[slot])
  }
  await proxy.setShare(SHARES[0]!)
  onReady()
  const [weightsSet, instancesReplaced] = await Promise.all([
    repeat(WEIGHT_EVERY_MS, signal, (i) => proxy.setShare(SHARES[i % SHARES.length]!)),
    repeat(REPLACE_EVERY_MS, signal, async (i) => {
      const slot = i % SLOTS.length
      await proxy.drain(slot)
      while ((await proxy.inFlight(slot)) > 0) await sleep(LOOK_EVERY_MS)
      await proxy.remove(slot)
      await instances.call('stop', ports[slot])
      ports[slot] = Number(await instances.call('start'))
      await proxy.add(slot, ports[slot])
    }),
  ])
  return { weightsSet, instancesReplaced }
}

async function repeat(
  everyMs: number,
  signal: AbortSignal,
  act: (i: number) => Promise<void>,
): Promise<number> {
  for (let i = 0; ; i++) {
    if (signal.aborted) return i
    await act(i)
    await sleep(everyMs)
  }
}
