import type { Passage } from '../release/index.ts'
import type { RolloutRecord } from './records.ts'
import { HOLD_MS, markBack, newestFirst, revert } from './revert.ts'
import type { World } from './world.ts'

/**
 * Makes the rejection true everywhere: the digest is held, the environment repo gets the revert
 * commit, the release counts as rolled back there. Repeating changes nothing.
 */
export async function reject(world: World, record: RolloutRecord, reason: string): Promise<void> {
  const { environment, service } = record.spec.workload
  const { digest } = record.candidate
  const passage = passageWith(world, record)
  hold(world, record, reason)
  if (passage) markBack(world, { actor: actorOf(record), reason }, passage)
  await revert(world, {
    environment,
    commit: passage?.commit ?? record.commit,
    rejected: isSameArtifact(record) ? null : digest,
    reason: `${service}: ${reason}`,
    actor: actorOf(record),
  })
}

/**
 * The newest promotion that has the candidate in it: not the one that brought it, when one that
 * changes other services has come meanwhile. Null: it was brought by hand.
 */
function passageWith(world: World, record: RolloutRecord): Passage | null {
  if (record.release === null) return null
  const { environment, service } = record.spec.workload
  const { digest } = record.candidate
  const having = newestFirst(world, environment).find(
    ({ status, release }) =>
      status !== 'superseded' &&
      world.ledger.get('release', release)?.value.services[service]?.digest === digest,
  )
  return having ?? null
}

function hold(world: World, record: RolloutRecord, reason: string): void {
  const { environment, service } = record.spec.workload
  const { digest } = record.candidate
  const id = `${environment}/${digest}`
  if (isSameArtifact(record) || world.ledger.get('hold', id) !== null) return
  const at = world.now()
  const value = {
    digest,
    service,
    environment,
    reason,
    by: actorOf(record),
    at,
    expiresAt: at + HOLD_MS,
  }
  world.ledger.put(
    'hold',
    { id, value },
    { type: 'hold.placed', actor: actorOf(record), data: { digest, reason } },
  )
}

/** A configuration change with the same artifact rejects the configuration, not the artifact. */
function isSameArtifact({ candidate, stable }: RolloutRecord): boolean {
  return candidate.digest === stable?.digest
}

function actorOf(record: RolloutRecord): string {
  return record.status.rollback?.by ?? 'slipway'
}
