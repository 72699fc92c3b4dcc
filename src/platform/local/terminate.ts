import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningProcess } from './launch.ts'
import { environOf, listProcesses, type ProcessFact, sendSignal } from './process-table.ts'
import { rest } from './rest.ts'

const GROUP_POLL_MS = 50
const FIRST_SWEEP_PAUSE_MS = 20
/** A process that hangs in the kernel dies late; looking for it must not cost a core. */
const LONGEST_SWEEP_PAUSE_MS = 1000

/** SIGTERM to the whole group; what is left after `stopSeconds` gets SIGKILL. Returns when none is left. */
export async function terminate(
  running: RunningProcess,
  owner: Owner,
  stopSeconds: number,
): Promise<void> {
  const deadline = performance.now() + stopSeconds * 1000
  sendSignal(-running.pid, 'SIGTERM')
  const patience = new AbortController()
  await Promise.race([running.ended, rest(stopSeconds * 1000, patience.signal)])
  patience.abort()
  // A shell that leads the group dies at once while its child still answers its last requests.
  while (performance.now() < deadline && (await hasMembers(running.pid))) {
    await sleep(GROUP_POLL_MS)
  }
  await sweep((fact) => fact.group === running.pid || isOwned(fact, owner))
  await running.ended
}

async function hasMembers(group: number): Promise<boolean> {
  return (await listProcesses()).some((fact) => fact.group === group)
}

/** Whose processes: of one node, and of one of its instances or (null) of all. */
export type Owner = { readonly nodeId: string; readonly instance: string | null }

/** Whether the process was started for the owner, by what its environment says: a new session does not hide it. */
export function isOwned(fact: ProcessFact, owner: Owner): boolean {
  const env = environOf(fact.pid)
  if (env.SLIPWAY_NODE_ID !== owner.nodeId) return false
  return owner.instance === null || env.SLIPWAY_INSTANCE === owner.instance
}

/** Kills all processes that `belongs` picks, until none is left. @returns how many there were */
export async function sweep(belongs: (fact: ProcessFact) => boolean): Promise<number> {
  const killed = new Set<number>()
  for (let pause = FIRST_SWEEP_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_SWEEP_PAUSE_MS)) {
    const found = (await listProcesses()).filter(belongs)
    if (found.length === 0) return killed.size
    for (const { pid } of found) {
      sendSignal(pid, 'SIGKILL')
      killed.add(pid)
    }
    await sleep(pause)
  }
}
