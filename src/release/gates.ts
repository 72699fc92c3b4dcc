import type { Environment } from '../config/index.ts'
import type { Approval, Hold, Passage, Release } from './release.ts'

/** What a promotion waits for. `waiting` may pass by itself or by a person, `closed` will not. */
export type Gate = {
  readonly kind: 'source' | 'held' | 'soak' | 'approval'
  readonly status: 'open' | 'waiting' | 'closed'
  /** One sentence: what it waits for, or what opened it. */
  readonly reason: string
  /** When a waiting gate opens by itself, in ms since 1970; null: not by itself. */
  readonly opensAt: number | null
}

/** All that the gates look at. */
export type GateFacts = {
  readonly passages: readonly Passage[]
  readonly approvals: readonly Approval[]
  readonly holds: readonly Hold[]
  readonly now: number
}

/** The gates between a release and an environment, in the order in which they open. */
export function gatesOf(
  environment: Environment,
  release: Release,
  facts: GateFacts,
): readonly Gate[] {
  return [
    sourceGate(environment, release, facts),
    heldGate(environment, release, facts),
    ...soakGate(environment, release, facts),
    ...environment.approve.map((role) => approvalGate({ environment, release, role }, facts)),
  ]
}

function sourceGate(environment: Environment, release: Release, facts: GateFacts): Gate {
  const { from } = environment
  if (from.kind === 'branch') {
    if (from.branch === release.branch) return open('source', `made from ${from.branch}`)
    return closed('source', `made from ${release.branch}, ${environment.name} takes ${from.branch}`)
  }
  const passage = passageOf(facts, from.environment, release)
  if (passage?.status === 'passed') return open('source', `passed ${from.environment}`)
  if (passage === undefined) return waiting('source', `not in ${from.environment} yet`)
  const reason = `${passage.status} in ${from.environment}: ${passage.reason}`
  const isMoving = passage.status === 'rolling' || passage.status === 'verifying'
  return isMoving ? waiting('source', reason) : closed('source', reason)
}

function heldGate(environment: Environment, release: Release, facts: GateFacts): Gate {
  for (const [service, { digest }] of Object.entries(release.services)) {
    const hold = facts.holds.find(
      (one) =>
        one.environment === environment.name && one.digest === digest && one.expiresAt > facts.now,
    )
    if (!hold) continue
    const reason = `${service} is held: ${hold.reason}`
    return { kind: 'held', status: 'waiting', reason, opensAt: hold.expiresAt }
  }
  return open('held', 'none of its digests is held')
}

function soakGate(environment: Environment, release: Release, facts: GateFacts): Gate[] {
  const { from, soakSeconds } = environment
  if (soakSeconds === 0 || from.kind === 'branch') return []
  const passage = passageOf(facts, from.environment, release)
  if (passage?.status !== 'passed')
    return [waiting('soak', `${soakSeconds} s in ${from.environment}`)]
  const opensAt = passage.since + soakSeconds * 1000
  if (facts.now >= opensAt)
    return [open('soak', `${soakSeconds} s in ${from.environment} are over`)]
  const left = Math.ceil((opensAt - facts.now) / 1000)
  return [
    { kind: 'soak', status: 'waiting', reason: `${left} s more in ${from.environment}`, opensAt },
  ]
}

function approvalGate(
  asked: { readonly environment: Environment; readonly release: Release; readonly role: string },
  facts: GateFacts,
): Gate {
  const { environment, release, role } = asked
  const approval = facts.approvals.find(
    (one) =>
      one.environment === environment.name && one.release === release.id && one.role === role,
  )
  if (approval) return open('approval', `approved by ${approval.by} for ${role}`)
  return waiting(
    'approval',
    `an approval by ${role}: slipway approve ${environment.name} ${release.id}`,
  )
}

function passageOf(facts: GateFacts, environment: string, release: Release): Passage | undefined {
  return facts.passages.find((one) => one.environment === environment && one.release === release.id)
}

function open(kind: Gate['kind'], reason: string): Gate {
  return { kind, status: 'open', reason, opensAt: null }
}

function waiting(kind: Gate['kind'], reason: string): Gate {
  return { kind, status: 'waiting', reason, opensAt: null }
}

function closed(kind: Gate['kind'], reason: string): Gate {
  return { kind, status: 'closed', reason, opensAt: null }
}
