import type { Environment } from '../config/index.ts'
import { type Gate, type GateFacts, gatesOf } from './gates.ts'
import type { Release } from './release.ts'

/** The release that an environment would take next, and what it still waits for. */
export type NextRelease = {
  readonly release: Release
  readonly gates: readonly Gate[]
  readonly isOpen: boolean
}

/**
 * The newest release that its source lets through and that the environment has not tried yet; an
 * older one never comes after a newer one by itself. Null: the environment is up to date.
 */
export function nextRelease(
  environment: Environment,
  releases: readonly Release[],
  facts: GateFacts,
): NextRelease | null {
  const tried = facts.passages.filter((passage) => passage.environment === environment.name)
  const newest = Math.max(0, ...tried.map((passage) => passage.sequence))
  const candidates = releases
    .filter((release) => release.sequence > newest)
    .sort((a, b) => b.sequence - a.sequence)
  for (const release of candidates) {
    const gates = gatesOf(environment, release, facts)
    if (gates.some((gate) => gate.kind === 'source' && gate.status !== 'open')) continue
    return { release, gates, isOpen: gates.every((gate) => gate.status === 'open') }
  }
  return null
}
