import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstanceEvent } from '../platform.ts'
import { secretsOf } from './environment.ts'
import type { Ground } from './ground.ts'
import type { LocalInstance } from './instance.ts'
import { adopt } from './launch.ts'
import { fileName } from './log-file.ts'
import { environOf, isAlive } from './process-table.ts'
import type { InstanceRecord, State, WorkloadRecord } from './schema.ts'
import { isOwned, sweep } from './terminate.ts'
import type { LocalWorkload } from './workload.ts'

export type Adoption = {
  readonly ground: Ground
  readonly state: State
  readonly open: (record: WorkloadRecord) => LocalWorkload
  readonly event: (event: Omit<InstanceEvent, 'seq' | 'at'>) => void
}

/**
 * Takes up what an earlier node left: processes that are still the recorded ones are adopted, anything
 * else that was started for this node is killed.
 */
export async function adoptAll(adoption: Adoption): Promise<readonly LocalInstance[]> {
  const adopted = adoption.state.workloads.flatMap((record) => adoptWorkload(adoption, record))
  await endStrays(adoption.ground, adopted)
  await removeScratch(adoption.ground, adopted)
  return adopted
}

function adoptWorkload(adoption: Adoption, record: WorkloadRecord): readonly LocalInstance[] {
  const workload = adoption.open(record)
  const revisions = [...record.desired.map(({ revision }) => revision), ...record.leaving]
  return record.instances.flatMap((instance) => {
    if (instance.pid === null) return []
    const revision = revisions.find(({ id }) => id === instance.revision)
    const tell = (kind: InstanceEvent['kind'], message: string) =>
      adoption.event({
        workload: record.workload,
        instance: instance.id,
        revision: instance.revision,
        kind,
        message,
      })
    if (revision === undefined || !isAlive(instance.pid, instance.stamp)) {
      if (!instance.draining) tell('replaced', 'it ended while no node was there')
      return []
    }
    tell('adopted', `process ${instance.pid} runs on under a new node`)
    const process = adopt({
      ...running(instance, instance.pid),
      secrets: secretsOf(revision.env, environOf(instance.pid)),
    })
    return [workload.adopt(instance, revision, process)]
  })
}

function running({ stamp, port, startedAt }: InstanceRecord, pid: number) {
  return { pid, stamp, port, startedAt }
}

async function endStrays(ground: Ground, adopted: readonly LocalInstance[]): Promise<void> {
  const groups = new Set(adopted.map(({ group }) => group))
  const ids = new Set(adopted.map(({ id }) => id))
  await sweep((fact) => {
    if (groups.has(fact.group)) return false
    if (!isOwned(fact, { nodeId: ground.nodeId, instance: null })) return false
    return !ids.has(environOf(fact.pid).SLIPWAY_INSTANCE ?? '')
  })
}

async function removeScratch(ground: Ground, adopted: readonly LocalInstance[]): Promise<void> {
  const kept = new Set(adopted.map(({ id }) => fileName(id)))
  const folder = join(ground.folder, 'scratch')
  for (const name of await listIfThere(folder)) {
    if (!kept.has(name)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

async function listIfThere(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
