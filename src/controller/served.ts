import { type DesiredState, revisionOf } from '../gitops/index.ts'
import { type Ledger, workloadId } from './records.ts'

/** Whether every workload is what the environment's repo says, and none is on its way. */
export function isServed(ledger: Ledger, { workloads }: DesiredState): boolean {
  return workloads.every((workload) => {
    const record = ledger.get('workload', workloadId(workload))?.value
    return record?.rollout === null && record.stable?.id === revisionOf(workload).id
  })
}
