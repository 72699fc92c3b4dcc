import { blueGreen } from './blue-green.ts'
import { canary } from './canary.ts'
import { recreate } from './recreate.ts'
import { goBack, rollBack } from './roll-back.ts'
import { rolling } from './rolling.ts'
import type { Decision, Instant, Observed, RolloutSpec } from './rollout.ts'
import { settle } from './settle.ts'
import { shadow } from './shadow.ts'
import { all, isInForce } from './split.ts'
import { hold, prepareFirst, switchOver } from './switch-over.ts'

/**
 * What a rollout does next. Reads no clock, platform or store; every call states the whole goal
 * again, so that a controller that died anywhere and starts again reaches the same end.
 */
export function decide(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  const { status } = seen
  if (status.phase === 'settled') return { status, actions: [], wakeAt: null }
  if (status.phase === 'rolling-back') return rollBack(spec, seen, now)

  const interrupted = interrupt(spec, seen, now)
  if (interrupted) return interrupted
  const obeyed = obey(seen, now)

  if (status.phase === 'switching') return switchOver(spec, obeyed, now)
  if (status.phase === 'holding') return hold(spec, obeyed, now)
  if (spec.stable === null && spec.strategy.kind !== 'recreate')
    return prepareFirst(spec, obeyed, now)
  switch (spec.strategy.kind) {
    case 'recreate':
      return recreate(spec, obeyed, now)
    case 'rolling':
      return rolling(spec, obeyed, now)
    case 'blue-green':
      return blueGreen(spec, obeyed, now)
    case 'canary':
      return canary(spec, obeyed, now)
    case 'shadow':
      return shadow(spec, obeyed, now)
    default:
      return unreachable(spec.strategy)
  }
}

/**
 * What ends a rollout whatever its strategy, the gravest first. Promoting by hand does not silence
 * the judge: a rollback verdict outranks every command but `abort`, which asks for the same.
 */
function interrupt(spec: RolloutSpec, seen: Observed, now: Instant): Decision | null {
  const { verdict, candidate, commands } = seen
  if (verdict?.verdict === 'rollback') {
    return goBack(spec, seen, { cause: 'verdict', reason: verdict.reason, by: 'slipway', at: now })
  }
  const abort = commands.find((command) => command.kind === 'abort')
  if (abort) {
    const reason = `aborted by ${abort.by}${abort.reason ? `: ${abort.reason}` : ''}`
    return goBack(spec, seen, { cause: 'abort', reason, by: abort.by, at: now })
  }
  if (seen.wanted !== spec.candidate) return supersede(spec, seen, now)
  if (candidate.restarts >= spec.crashLimit && candidate.ready < candidate.total) {
    const reason = `the new version keeps ending: ${candidate.reason ?? 'no reason given'}`
    return goBack(spec, seen, { cause: 'crash', reason, by: 'slipway', at: now })
  }
  const { lackingSince } = seen.status
  if (lackingSince !== null && now - lackingSince >= spec.readyDeadlineSeconds * 1000) {
    const reason = `not ready within ${spec.readyDeadlineSeconds} s: ${candidate.reason ?? 'no reason given'}`
    return goBack(spec, seen, { cause: 'unready', reason, by: 'slipway', at: now })
  }
  return null
}

/**
 * The environment repo wants something else. While the candidate holds all traffic and the wanted
 * one is a third version, the candidate is what the next rollout starts from: stable may already
 * be older than any rollback window, and traffic must not meet it again.
 */
function supersede(spec: RolloutSpec, seen: Observed, now: Instant): Decision {
  const carriesAll = isInForce(all(spec.candidate), seen.split)
  if (seen.status.phase === 'holding' && carriesAll && seen.wanted !== spec.stable) {
    return settle(seen, {
      now,
      outcome: 'promoted',
      reason: 'a newer version is wanted: the hold ends early',
    })
  }
  if (spec.strategy.kind === 'recreate' && seen.wanted !== spec.stable) {
    return settle(seen, { now, outcome: 'superseded', reason: 'a newer version is wanted' })
  }
  const reason =
    seen.wanted === spec.stable
      ? 'the environment repo went back to the version before'
      : 'the environment repo wants a newer version'
  return goBack(spec, seen, { cause: 'superseded', reason, by: 'slipway', at: now })
}

/** The status after what people asked and what the judge allowed. */
function obey(seen: Observed, now: Instant): Observed {
  let { paused, allowed } = seen.status
  for (const command of seen.commands) {
    if (command.kind === 'pause') {
      paused = { by: command.by, at: now, reason: command.reason || `paused by ${command.by}` }
    }
    if (command.kind === 'resume') paused = null
    if (command.kind === 'promote') {
      paused = null
      allowed = 100
    }
  }
  if (seen.verdict?.verdict === 'promote' && seen.verdict.toWeight !== null) {
    allowed = Math.max(allowed, seen.verdict.toWeight * 100)
  }
  return { ...seen, status: { ...seen.status, paused, allowed } }
}

function unreachable(strategy: never): never {
  throw new Error(`no such strategy: ${JSON.stringify(strategy)}`)
}
