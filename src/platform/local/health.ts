/** What the probes have shown so far. */
export type Health = {
  readonly state: 'starting' | 'ready' | 'unready'
  /** Failures since the last success. */
  readonly failures: number
  /** Why it is not ready; null while it is. */
  readonly reason: string | null
}

export const NEW_HEALTH: Health = { state: 'starting', failures: 0, reason: null }

/** One failure may be chance (a slow moment, a full backlog); two are not. */
const FAILURES_UNTIL_UNREADY = 2

/**
 * The health after one more probe.
 * @param failure what the probe met, null when it passed
 */
export function nextHealth(
  health: Health,
  failure: string | null,
  age: { readonly seconds: number; readonly deadlineSeconds: number },
): Health {
  if (failure === null) return { state: 'ready', failures: 0, reason: null }
  const failures = health.failures + 1
  if (health.state === 'starting')
    return { state: 'starting', failures, reason: late(failure, age) }
  if (failures < FAILURES_UNTIL_UNREADY) return { ...health, failures }
  return { state: 'unready', failures, reason: failure }
}

function late(
  failure: string,
  age: { readonly seconds: number; readonly deadlineSeconds: number },
): string {
  if (age.seconds <= age.deadlineSeconds) return `not ready yet: ${failure}`
  return `not ready within ${age.deadlineSeconds} s: ${failure}`
}
