import { setTimeout as sleep } from 'node:timers/promises'

/** Sleeps; an abort only wakes it early. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
