import type { PlannedStep } from './planned-step.ts'

/**
 * Steps so that each comes after all that it needs, and among those that may start at the same time
 * first what tells most for its price: failure probability per second, which is the order that
 * finds a first failure soonest (Mitten 1960, "least cost testing sequence"), plus its share of the
 * longest chain that hangs on it, so that the last step is not a long one begun late.
 */
export function inOrder(steps: readonly PlannedStep[]): readonly PlannedStep[] {
  const rank = ranks(steps)
  const waiting = new Map(steps.map(({ step }) => [step.id, step.needs.length]))
  const followers = followersOf(steps)
  const ready = steps.filter(({ step }) => step.needs.length === 0)
  const ordered: PlannedStep[] = []
  while (ready.length > 0) {
    const next = ready.splice(indexOfFirst(ready, rank), 1)[0]!
    ordered.push(next)
    for (const follower of followers.get(next.step.id) ?? []) {
      const left = waiting.get(follower.step.id)! - 1
      waiting.set(follower.step.id, left)
      if (left === 0) ready.push(follower)
    }
  }
  return ordered
}

function ranks(steps: readonly PlannedStep[]): ReadonlyMap<string, number> {
  const followers = followersOf(steps)
  const chain = new Map<string, number>()
  const chainFrom = (planned: PlannedStep): number => {
    const known = chain.get(planned.step.id)
    if (known !== undefined) return known
    const after = (followers.get(planned.step.id) ?? []).map(chainFrom)
    const seconds = planned.expectedSeconds + Math.max(0, ...after)
    chain.set(planned.step.id, seconds)
    return seconds
  }
  const longest = Math.max(1e-9, ...steps.map(chainFrom))
  return new Map(
    steps.map((planned) => [
      planned.step.id,
      planned.failureShare / Math.max(planned.expectedSeconds, 0.01) +
        chain.get(planned.step.id)! / longest,
    ]),
  )
}

function followersOf(steps: readonly PlannedStep[]): ReadonlyMap<string, readonly PlannedStep[]> {
  const followers = new Map<string, PlannedStep[]>()
  for (const planned of steps) {
    for (const need of planned.step.needs) {
      const known = followers.get(need)
      if (known === undefined) followers.set(need, [planned])
      else known.push(planned)
    }
  }
  return followers
}

function indexOfFirst(ready: readonly PlannedStep[], rank: ReadonlyMap<string, number>): number {
  let best = 0
  for (let i = 1; i < ready.length; i++) {
    if (rank.get(ready[i]!.step.id)! > rank.get(ready[best]!.step.id)!) best = i
  }
  return best
}
