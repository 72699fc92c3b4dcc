import { createHash } from 'node:crypto'
import type { Revision } from '../platform/index.ts'
import type { Workload } from './workload.ts'

/**
 * What an instance of the workload runs with. Its id changes when, and only when, instances must be replaced: not for
 * replicas, strategy, objectives or analysis, and not for what a version is called.
 */
export function revisionOf(workload: Workload): Revision {
  const { digest, version, commit } = workload.artifact
  const runsWith = {
    digest,
    env: workload.env,
    needs: [...workload.needs].sort(),
    ready: workload.ready,
    drainSeconds: workload.drainSeconds,
    stopSeconds: workload.stopSeconds,
    memoryBytes: workload.memoryBytes,
  }
  const hash = createHash('sha256').update(JSON.stringify(runsWith, sortedKeys)).digest('hex')
  return { id: hash.slice(0, 12), version, commit, ...runsWith }
}

/** For JSON.stringify: one spelling, in whatever order the keys were written. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
