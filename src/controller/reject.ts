import { passageId, type RolloutRecord } from './records.ts'
import type { World } from './world.ts'

/** How long a rejected digest is held unless a person lifts it. */
const HOLD_SECONDS = 7 * 24 * 3600

/**
 * Makes the rejection true everywhere: the digest is held, the environment repo gets the revert
 * commit, the release counts as rolled back there. Repeating changes nothing.
 */
export async function reject(world: World, record: RolloutRecord, reason: string): Promise<void> {
  const { environment, service } = record.spec.workload
  const { digest } = record.candidate
  hold(world, record, reason)
  markPassage(world, record, reason)
  await world.environments.revert({
    environment,
    commit: record.commit,
    rejected: digest,
    reason: `${service}: ${reason}`,
    actor: actorOf(record),
    at: world.now(),
  })
}

function hold(world: World, record: RolloutRecord, reason: string): void {
  const { environment, service } = record.spec.workload
  const { digest } = record.candidate
  const id = `${environment}/${digest}`
  // A configuration change with the same artifact rejects the configuration, not the artifact.
  if (digest === record.stable?.digest || world.ledger.get('hold', id) !== null) return
  const at = world.now()
  const value = {
    digest,
    service,
    environment,
    reason,
    by: actorOf(record),
    at,
    expiresAt: at + HOLD_SECONDS * 1000,
  }
  world.ledger.put(
    'hold',
    { id, value },
    { type: 'hold.placed', actor: actorOf(record), data: { digest, reason } },
  )
}

function markPassage(world: World, record: RolloutRecord, reason: string): void {
  if (record.release === null) return
  const id = passageId(record.spec.workload.environment, record.release)
  const passage = world.ledger.get('passage', id)
  if (passage === null || passage.value.status === 'rolled-back') return
  const value = { ...passage.value, status: 'rolled-back' as const, since: world.now(), reason }
  world.ledger.put(
    'passage',
    { id, value },
    { type: 'passage.rolled-back', actor: actorOf(record), data: { reason } },
  )
}

function actorOf(record: RolloutRecord): string {
  return record.status.rollback?.by ?? 'slipway'
}
