import type { Environment } from '../config/index.ts'
import { render } from '../gitops/index.ts'
import {
  type GateFacts,
  type NextRelease,
  nextRelease,
  type Passage,
  type Release,
} from '../release/index.ts'
import { passageId } from './records.ts'
import type { World } from './world.ts'

/** What every gate looks at, as it is in the log now. */
export function gateFacts(world: World): GateFacts {
  const { ledger, now } = world
  return {
    passages: ledger.values('passage'),
    approvals: ledger.values('approval'),
    holds: ledger.values('hold'),
    now: now(),
  }
}

/** The release that an environment would take next and what it waits for; null: it is up to date. */
export function upNext(world: World, environment: Environment): NextRelease | null {
  return nextRelease(environment, world.ledger.values('release'), gateFacts(world))
}

/** Sends on what may go to an environment: one commit in its repo, once all gates are open. */
export async function promoteWhatMay(world: World, environment: Environment): Promise<void> {
  const next = upNext(world, environment)
  if (!next?.isOpen) return
  const approval = next.gates.find((gate) => gate.kind === 'approval')
  const reason = approval?.reason ?? next.gates[0]?.reason ?? ''
  await promote(world, {
    environment: environment.name,
    release: next.release,
    actor: 'slipway',
    reason,
  })
}

/** Writes the promotion: the whole release, rendered with the configuration of its own commit. */
export async function promote(
  world: World,
  asked: {
    readonly environment: string
    readonly release: Release
    readonly actor: string
    readonly reason: string
  },
): Promise<Passage> {
  const { environment, release, actor, reason } = asked
  const project = await world.source.project(release.commit)
  const workloads = render(project, environment, release)
  const { commit } = await world.environments.promote({
    environment,
    workloads,
    release: release.id,
    run: release.run,
    sourceCommit: release.commit,
    actor,
    reason,
    held: gateFacts(world).holds.filter(
      (hold) => hold.environment === environment && hold.expiresAt > world.now(),
    ),
    at: world.now(),
  })
  supersede(world, environment, release)
  const { sequence } = release
  const status = 'rolling' as const
  const passage = {
    environment,
    release: release.id,
    sequence,
    status,
    since: world.now(),
    commit,
    reason,
  }
  const id = passageId(environment, release.id)
  world.ledger.put(
    'passage',
    { id, value: passage },
    { type: 'passage.rolling', actor, data: { commit, reason } },
  )
  return passage
}

function supersede(world: World, environment: string, by: Release): void {
  for (const { id, value, version } of world.ledger.list('passage')) {
    const isMoving = value.status === 'rolling' || value.status === 'verifying'
    if (value.environment !== environment || value.release === by.id || !isMoving) continue
    const reason = `${by.id} came before it had passed`
    const next = { ...value, status: 'superseded' as const, since: world.now(), reason }
    const data = { reason }
    world.ledger.put(
      'passage',
      { id, version, value: next },
      { type: 'passage.superseded', actor: 'slipway', data },
    )
  }
}
