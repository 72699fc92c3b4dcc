import { type FingerprintFacts, keysOf } from './fingerprint.ts'
import type { History } from './history.ts'
import { inOrder } from './order.ts'
import type { PlannedStep } from './planned-step.ts'
import { whyItRuns } from './reason.ts'
import type { Tree } from './tree.ts'
import type { Graph } from './types.ts'

/** What a run of a commit would do. */
export type Plan = {
  readonly commit: string
  /** In the order in which they are started when all that they need has passed. */
  readonly steps: readonly PlannedStep[]
}

export type Facts = FingerprintFacts & {
  readonly commit: string
  /** Keys that the cache holds. */
  readonly cached: ReadonlySet<string>
  readonly history: History
  /** Commit → its files, as far as they are known: what changed is told by them. */
  readonly trees: ReadonlyMap<string, Tree>
}

/** What is assumed of a step that never ran: seconds, and one failure in twenty. */
const UNKNOWN_SECONDS = 10
const PRIOR = { failures: 1, runs: 20 }

/** What a run would do, and why. Pure: the same graph and facts give the same plan. */
export function plan(graph: Graph, facts: Facts): Plan {
  const keys = keysOf(graph, facts)
  const steps = graph.steps.map((step): PlannedStep => {
    const { key, fingerprint, uncached } = keys.get(step.id)!
    const cached = key !== null && facts.cached.has(key)
    const before = facts.history[step.id]
    const failures = (before?.failures ?? 0) + PRIOR.failures
    return {
      step,
      key,
      cached,
      fingerprint,
      origin: step.action.kind === 'package' ? (facts.origins[step.action.service] ?? null) : null,
      reason: cached
        ? 'nothing that it depends on changed'
        : whyItRuns({ step, graph, fingerprint, before, uncached }, facts),
      expectedSeconds: cached ? 0 : (before?.meanSeconds ?? UNKNOWN_SECONDS),
      failureShare: failures / ((before?.runs ?? 0) + PRIOR.runs),
    }
  })
  return { commit: facts.commit, steps: inOrder(steps) }
}
