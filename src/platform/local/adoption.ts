import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstanceEvent, Revision, WorkloadRef } from '../platform.ts'
import { addressVariable, secretsOf } from './environment.ts'
import type { Ground } from './ground.ts'
import type { LocalInstance } from './instance.ts'
import { adopt } from './launch.ts'
import { fileName } from './log-file.ts'
import { environOf, isAlive } from './process-table.ts'
import type { InstanceRecord, State, WorkloadRecord } from './schema.ts'
import { addressesOf } from './start.ts'
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
  const adopted: LocalInstance[] = []
  for (const record of adoption.state.workloads) {
    const workload = adoption.open(record)
    for (const instance of record.instances) {
      const taken = await adoptInstance(adoption, { record, workload, instance })
      if (taken !== null) adopted.push(taken)
    }
  }
  await endStrays(adoption.ground, adopted)
  await removeScratch(adoption.ground, adopted)
  return adopted
}

type Candidate = {
  readonly record: WorkloadRecord
  readonly workload: LocalWorkload
  readonly instance: InstanceRecord
}

/** Null: there is no such process any more, or it can not stay. */
async function adoptInstance(
  { ground, event }: Adoption,
  { record, workload, instance }: Candidate,
): Promise<LocalInstance | null> {
  const { id, pid, stamp, port, startedAt } = instance
  if (pid === null) return null
  const tell = (kind: InstanceEvent['kind'], message: string) =>
    event({ workload: workload.ref, instance: id, revision: instance.revision, kind, message })
  const revision = [...record.desired.map((scale) => scale.revision), ...record.leaving].find(
    (known) => known.id === instance.revision,
  )
  if (revision === undefined || !isAlive(pid, stamp)) {
    if (!instance.draining) tell('replaced', 'it ended while no node was there')
    return null
  }
  const env = environOf(pid)
  const moved = await movedNeed(ground, workload.ref, revision, env)
  if (moved !== null) {
    tell('replaced', `the address of ${moved} has changed since it was started`)
    return null
  }
  tell('adopted', `process ${pid} runs on under a new node`)
  const secrets = secretsOf(revision.env, env)
  return workload.adopt(instance, revision, adopt({ pid, stamp, port, startedAt, secrets }))
}

/** A needed service whose address is not any more what the process was told; null: all hold. */
async function movedNeed(
  ground: Ground,
  workload: WorkloadRef,
  revision: Revision,
  env: Readonly<Record<string, string>>,
): Promise<string | null> {
  const addresses = await addressesOf(ground, { workload, revision })
  const moved = Object.entries(addresses).find(([service, url]) => {
    const variable = addressVariable(service)
    return revision.env[variable] === undefined && env[variable] !== url
  })
  return moved?.[0] ?? null
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
