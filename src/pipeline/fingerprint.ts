import { createHash } from 'node:crypto'
import type { Environ, EnvValue } from '../config/index.ts'
import type { Digests } from './input-digests.ts'
import type { Origin } from './sources.ts'
import { mentionedTools } from './tools.ts'
import type { Graph, Step } from './types.ts'

/** Changes whenever what a key or a cache entry means does, so that older entries are never met. */
const FORMAT = 'slipway-step-1'

/** All that a step's result depends on, part by part, so that a change of one can be named. */
export type Fingerprint = {
  /** Hash over what runs and what is kept of it. */
  readonly command: string
  /** Hash over the input files. */
  readonly inputs: string
  /** Variable → hash of its value, or of the reference to a secret. */
  readonly env: Readonly<Record<string, string>>
  /** Tool → version. */
  readonly tools: Readonly<Record<string, string>>
  /** Step whose outputs it can see → that step's key. */
  readonly upstream: Readonly<Record<string, string>>
  /** Commit and version on the label of an artifact; empty for commands. */
  readonly origin: string
}

export type Keyed = {
  readonly fingerprint: Fingerprint
  /** Null: the step cannot be cached. */
  readonly key: string | null
  /** Why it cannot, in words; null: it can. */
  readonly uncached: string | null
}

export type FingerprintFacts = {
  readonly inputs: Digests
  /** Tool → version, of all that the commands mention. */
  readonly tools: Readonly<Record<string, string>>
  /** Service → what the label of its artifact says. */
  readonly origins: Readonly<Record<string, Origin>>
}

/**
 * The key of each step. A step's key covers the keys of those whose outputs it can see; a step
 * without outputs (a test) holds others back but is no part of their keys, so that a change in one
 * service does not build the others again because all wait for the same lint.
 */
export function keysOf(graph: Graph, facts: FingerprintFacts): ReadonlyMap<string, Keyed> {
  const steps = new Map(graph.steps.map((step) => [step.id, step]))
  const keyed = new Map<string, Keyed>()
  const visit = (step: Step): Keyed => {
    const known = keyed.get(step.id)
    if (known !== undefined) return known
    const upstream: Record<string, string> = {}
    let uncached: string | null = step.cache ? null : 'it is never cached'
    for (const id of step.needs) {
      const need = steps.get(id)!
      const above = visit(need)
      if (!leavesSomething(need)) Object.assign(upstream, above.fingerprint.upstream)
      else if (above.key !== null) upstream[id] = above.key
      if (above.key === null && (leavesSomething(need) || above.uncached?.startsWith('it needs'))) {
        uncached ??= `it needs ${id}, whose outputs are never cached`
      }
    }
    const fingerprint = fingerprintOf(step, upstream, facts)
    const result = { fingerprint, key: uncached === null ? keyOf(fingerprint) : null, uncached }
    keyed.set(step.id, result)
    return result
  }
  for (const step of graph.steps) visit(step)
  return keyed
}

function leavesSomething(step: Step): boolean {
  return step.outputs.length > 0 || step.action.kind === 'package'
}

function fingerprintOf(
  step: Step,
  upstream: Readonly<Record<string, string>>,
  facts: FingerprintFacts,
): Fingerprint {
  return {
    command: hash([step.action, step.outputs, sidecarsOf(step)]),
    inputs: facts.inputs.digest(step.inputs),
    env: envHashes(step.env),
    tools: Object.fromEntries(mentionedTools(step).map((tool) => [tool, facts.tools[tool] ?? ''])),
    upstream: sorted(upstream),
    origin: step.action.kind === 'package' ? hash(facts.origins[step.action.service] ?? null) : '',
  }
}

function sidecarsOf(step: Step): unknown {
  return Object.entries(step.sidecars).map(([name, { run, env, address }]) => [
    name,
    run,
    envHashes(env),
    address,
  ])
}

/** Values are hashed because the history keeps them; of a secret only the reference is known here. */
function envHashes(env: Environ): Record<string, string> {
  return sorted(
    Object.fromEntries(Object.entries(env).map(([name, value]) => [name, envHash(value)])),
  )
}

function envHash(value: EnvValue): string {
  return hash(value).slice(0, 16)
}

function keyOf(fingerprint: Fingerprint): string {
  return hash([FORMAT, fingerprint])
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

function sorted(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
