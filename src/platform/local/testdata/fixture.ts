import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { UnpackedArtifact } from '../../../artifact/index.ts'
import type { Environ } from '../../../config/index.ts'
import type { Instance, Platform, Revision, WorkloadRef } from '../../platform.ts'
import { environOf, listProcesses } from '../process-table.ts'

export const SHOP: WorkloadRef = { environment: 'production', service: 'shop' }

/** A digest of which `unpackFixture` makes the server of this folder. */
export const DIGEST = `sha256:${'a'.repeat(64)}`

export async function unpackFixture(digest: string): Promise<UnpackedArtifact> {
  if (digest !== DIGEST) throw new Error(`${digest} is not in the artifact store`)
  const labels = { commit: 'c'.repeat(40), source: '', version: '1.0.0', committedAt: 0 }
  return { folder: import.meta.dirname, start: 'node server.mjs', labels }
}

/** A revision of the server with these variables; the same variables give the same id. */
export function revisionWith(env: Environ = {}, more: Partial<Revision> = {}): Revision {
  const id = createHash('sha256').update(JSON.stringify([env, more])).digest('hex').slice(0, 12)
  return {
    id,
    digest: DIGEST,
    version: '1.0.0',
    commit: 'c'.repeat(40),
    env,
    needs: [],
    ready: { path: '/healthz', intervalSeconds: 0.1, timeoutSeconds: 5, deadlineSeconds: 60 },
    drainSeconds: 20,
    stopSeconds: 20,
    memoryBytes: null,
    ...more,
  }
}

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'slipway-platform-'))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** Waits until `look` gives something; fails with what it saw last after a minute. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | false> | T | null | false,
): Promise<T> {
  for (let tries = 0; tries < 1200; tries++) {
    const seen = await look()
    if (seen !== null && seen !== false) return seen
    await sleep(50)
  }
  throw new Error(`waited in vain for: ${what}`)
}

/** Waits until exactly `count` instances are there and all of them are ready. */
export function untilReady(
  platform: Platform,
  workload: WorkloadRef,
  count: number,
): Promise<readonly Instance[]> {
  return until(`${count} ready instances`, async () => {
    const { instances } = await platform.observe(workload)
    return (
      instances.length === count && instances.every(({ state }) => state === 'ready') && instances
    )
  })
}

/** Processes on this machine that were started for one of these instances. */
export async function processesOf(instances: ReadonlySet<string>): Promise<readonly number[]> {
  const facts = await listProcesses()
  return facts
    .map(({ pid }) => pid)
    .filter((pid) => instances.has(environOf(pid).SLIPWAY_INSTANCE ?? ''))
}
