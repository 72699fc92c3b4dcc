import type { InstanceState } from '../platform.ts'

/** What the plan needs to know of an instance. */
export type Held = {
  readonly id: string
  readonly revision: string
  readonly state: InstanceState
  /** Milliseconds since 1970; instances without a process count as youngest. */
  readonly startedAt: number
  /** It is over its memory limit: it serves until another one is ready in its place. */
  readonly retiring: boolean
}

export type Plan = {
  /** Revision ids, one for each instance to start. */
  readonly start: readonly string[]
  /** Instance ids to drain and stop. */
  readonly stop: readonly string[]
}

/** What to start and what to stop so that exactly the asked instances run. Draining ones do not count. */
export function plan(
  desired: readonly { readonly revision: string; readonly count: number }[],
  held: readonly Held[],
): Plan {
  const active = held.filter((instance) => instance.state !== 'draining')
  const counts = new Map(desired.map(({ revision, count }) => [revision, count]))
  const revisions = new Set([...counts.keys(), ...active.map(({ revision }) => revision)])
  const plans = [...revisions].map((revision) =>
    planRevision(
      revision,
      counts.get(revision) ?? 0,
      active.filter((instance) => instance.revision === revision),
    ),
  )
  return { start: plans.flatMap(({ start }) => start), stop: plans.flatMap(({ stop }) => stop) }
}

function planRevision(revision: string, count: number, active: readonly Held[]): Plan {
  const lasting = active.filter((instance) => !instance.retiring)
  const retiring = active.filter((instance) => instance.retiring && instance.state === 'ready')
  const useless = active.filter((instance) => instance.retiring && instance.state !== 'ready')
  const ready = lasting.filter(({ state }) => state === 'ready').length
  // A retiring one bridges the gap until its replacement is ready, so capacity does not dip.
  const released = retiring.slice(0, Math.max(0, ready + retiring.length - count))
  const surplus = lasting.toSorted(leastUsefulFirst).slice(0, Math.max(0, lasting.length - count))
  return {
    start: Array.from({ length: Math.max(0, count - lasting.length) }, () => revision),
    stop: [...surplus, ...useless, ...released].map(({ id }) => id),
  }
}

const USEFULNESS: Readonly<Record<InstanceState, number>> = {
  waiting: 0,
  draining: 0,
  starting: 1,
  unready: 2,
  ready: 3,
}

function leastUsefulFirst(a: Held, b: Held): number {
  return USEFULNESS[a.state] - USEFULNESS[b.state] || b.startedAt - a.startedAt
}
