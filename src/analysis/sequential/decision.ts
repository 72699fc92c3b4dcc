import type { Verdict } from '../verdict.ts'
import { type Standing, SUSPICION } from './standing.ts'
import type { JudgeState } from './state.ts'

export type Decision = Pick<Verdict, 'verdict' | 'kind' | 'toWeight'>

const MAX_SECONDS = 1800

/** What follows from the numbers after a tick. A condition added to a rollback cannot raise alpha. */
export function decide(state: JudgeState, standing: Standing): Decision {
  if (state.rolledBack !== null || isHarmful(state, standing)) {
    return { verdict: 'rollback', kind: 'rollback', toWeight: null }
  }
  const next = state.settings.next[state.passed]
  if (next !== undefined && isSafe(state, standing)) {
    return { verdict: 'promote', kind: 'promote', toWeight: next.weight }
  }
  return { verdict: 'continue', kind: waitingFor(state, standing), toWeight: null }
}

function isHarmful({ settings }: JudgeState, { wealth, metrics }: Standing): boolean {
  return wealth >= 1 / settings.alpha && metrics.some(({ effect }) => effect)
}

function isSafe(state: JudgeState, { wealth, metrics, breaches }: Standing): boolean {
  const { beta, minDwell } = state.settings
  return (
    state.weight > 0 &&
    state.weightSeconds >= minDwell &&
    metrics.every(({ safety }) => safety !== null && safety >= 1 / beta) &&
    wealth < SUSPICION &&
    breaches.length === 0
  )
}

function waitingFor(state: JudgeState, { wealth, breaches }: Standing): Decision['kind'] {
  const { settings, passed } = state
  if (wealth >= SUSPICION || breaches.length > 0) return 'holding'
  const isLate = state.weight > 0 && state.weightSeconds >= (settings.maxSeconds ?? MAX_SECONDS)
  if (isLate && passed < settings.next.length) return 'inconclusive'
  return state.blocksAtWeight === 0 ? 'no-evidence' : 'collecting'
}
