import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Revision, WorkloadRef } from '../platform.ts'
import { instanceEnvironment, resolveEnviron, secretsOf } from './environment.ts'
import type { Ground } from './ground.ts'
import { launch, type RunningProcess } from './launch.ts'
import { fileName, logFile } from './log-file.ts'

export type Identity = {
  readonly id: string
  readonly workload: WorkloadRef
  readonly revision: Revision
}

/** The instance's own writable folder: its TMPDIR and SLIPWAY_DATA; gone with it. */
export function scratchFolder(ground: Ground, id: string): string {
  return join(ground.folder, 'scratch', fileName(id))
}

/**
 * Starts one process of the instance on a fresh port, so that a port somebody took is left alone.
 * @throws what unpacking throws, PlatformError `secret-missing`, or the system's refusal to start it
 */
export async function startProcess(ground: Ground, identity: Identity): Promise<RunningProcess> {
  const { id, workload, revision } = identity
  const artifact = await ground.unpack(revision.digest)
  const declared = await resolveEnviron(revision.env, ground.env)
  const addresses = await addressesOf(ground, identity)
  const scratch = scratchFolder(ground, id)
  await mkdir(scratch, { recursive: true, mode: 0o700 })
  const port = await ground.ports.take()
  const facts = {
    instance: id,
    workload,
    revision,
    port,
    nodeId: ground.nodeId,
    scratch,
    addresses,
  }
  try {
    return await launch({
      start: artifact.start,
      folder: artifact.folder,
      env: instanceEnvironment(facts, declared, ground.env),
      logFile: logFile(ground.folder, workload, id),
      port,
      secrets: secretsOf(revision.env, declared),
    })
  } catch (error) {
    ground.ports.release(port)
    throw error
  }
}

/** The addresses of the services that the revision needs, by service. */
export async function addressesOf(
  ground: Ground,
  { workload, revision }: Pick<Identity, 'workload' | 'revision'>,
): Promise<Readonly<Record<string, string>>> {
  const entries = revision.needs.map(async (service) => {
    const needed = { environment: workload.environment, service }
    return [service, await ground.balancer.directAddress(needed)] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}
