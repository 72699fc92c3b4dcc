import type { Revision } from '../platform/index.ts'
import type { Action } from '../rollout/index.ts'
import { passageId, type RolloutRecord } from './records.ts'
import { reject } from './reject.ts'
import type { World } from './world.ts'

/** Does what a decision asks of one rollout. Each action states a goal, so repeating it is safe. */
export async function perform(world: World, record: RolloutRecord, action: Action): Promise<void> {
  const { workload } = record.spec
  switch (action.kind) {
    case 'scale': {
      const desired = Object.entries(action.counts)
        .filter(([, count]) => count > 0)
        .map(([id, count]) => ({ revision: revisionOf(record, id), count }))
      await world.platform.scale(workload, desired)
      return
    }
    case 'split':
      await world.traffic.setSplit(workload, { ...action.split, sticky: record.sticky })
      return
    case 'reject':
      await reject(world, record, action.reason)
      return
    case 'check':
      throw new Error(
        `checks are started by the workload's loop: ${passageId(workload.environment, record.spec.id)}`,
      )
  }
}

function revisionOf(record: RolloutRecord, id: string): Revision {
  if (record.candidate.id === id) return record.candidate
  if (record.stable?.id === id) return record.stable
  throw new Error(`rollout ${record.spec.id} knows no revision ${id}`)
}
