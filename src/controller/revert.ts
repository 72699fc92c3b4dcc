import type { RolledBack } from '../gitops/index.ts'
import type { Passage } from '../release/index.ts'
import { ControllerError } from './controller-error.ts'
import { passageId } from './records.ts'
import type { World } from './world.ts'

/** How long a digest is held that was taken back, unless a person lifts it. */
export const HOLD_MS = 7 * 24 * 3600 * 1000

type Asked = { readonly environment: string; readonly actor: string; readonly reason: string }

/**
 * Undoes a commit of the environment repo, and with it those before it that were superseded before
 * they served: what an environment goes back to has served there.
 */
export async function revert(
  world: World,
  asked: Asked & { readonly commit: string; readonly rejected: string | null },
): Promise<RolledBack> {
  const superseded = supersededBefore(world, asked)
  return world.environments.revert({ ...asked, superseded, at: world.now() })
}

/**
 * Takes an environment's newest promotion back and holds the digests that it brought.
 * @returns the release that was taken back
 * @throws ControllerError `nothing-before`; nothing has changed then
 */
export async function revertNewest(world: World, asked: Asked): Promise<string> {
  const { environment } = asked
  const newest = newestFirst(world, environment).find(
    ({ status }) => status !== 'rolled-back' && status !== 'superseded',
  )
  if (!newest) throw nothingBefore(`${environment} has no promotion to take back`)
  const { commit } = newest
  const { services, kept } = await revert(world, { ...asked, commit, rejected: null })
  if (services.length === 0) {
    const why = kept.map((one) => `${one.service}: ${one.why}`).join('; ')
    throw nothingBefore(
      `${newest.release} cannot be taken back in ${environment}${why && ` (${why})`}: name a release to go to with slipway deploy`,
    )
  }
  await holdBrought(world, asked, { release: newest.release, services })
  for (const passage of newestFirst(world, environment)) {
    if (passage.commit === commit && passage.status !== 'superseded')
      markBack(world, asked, passage)
  }
  return newest.release
}

/** Of the services that went back those whose artifact did: a configuration that went back is not to be held. */
async function holdBrought(
  world: World,
  asked: Asked,
  undone: { readonly release: string; readonly services: readonly string[] },
): Promise<void> {
  const { environment, actor, reason } = asked
  const release = world.ledger.get('release', undone.release)?.value
  const restored = (await world.environments.read(environment))?.workloads ?? []
  for (const service of undone.services) {
    const digest = release?.services[service]?.digest
    const now = restored.find((workload) => workload.service === service)?.artifact.digest
    if (!digest || digest === now) continue
    const at = world.now()
    const value = { digest, service, environment, reason, by: actor, at, expiresAt: at + HOLD_MS }
    const placed = { type: 'hold.placed', actor, data: { digest, reason } }
    world.ledger.put('hold', { id: `${environment}/${digest}`, value }, placed)
  }
}

/** Writes down that a release has gone back. Repeating changes nothing. */
export function markBack(
  world: World,
  { actor, reason }: Pick<Asked, 'actor' | 'reason'>,
  passage: Passage,
): void {
  if (passage.status === 'rolled-back') return
  const value = { ...passage, status: 'rolled-back' as const, since: world.now(), reason }
  const id = passageId(passage.environment, passage.release)
  const happening = { type: 'passage.rolled-back', actor, data: { reason } }
  world.ledger.put('passage', { id, value }, happening)
}

/** Commits of the passages that came right before this commit's and were superseded, newest first. */
function supersededBefore(
  world: World,
  { environment, commit }: { readonly environment: string; readonly commit: string },
): readonly string[] {
  const passages = newestFirst(world, environment).filter((passage) => passage.commit !== commit)
  const proven = passages.findIndex(({ status }) => status !== 'superseded')
  return passages.slice(0, proven < 0 ? undefined : proven).map((passage) => passage.commit)
}

/** The releases that came to an environment, the one whose status changed last first. */
export function newestFirst(world: World, environment: string): readonly Passage[] {
  return world.ledger
    .values('passage')
    .filter((passage) => passage.environment === environment)
    .toSorted((a, b) => b.since - a.since)
}

function nothingBefore(message: string): ControllerError {
  return new ControllerError({ code: 'nothing-before', fault: 'input', message })
}
