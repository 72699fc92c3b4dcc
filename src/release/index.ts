/**
 * release: what is promoted, and what a promotion waits for.
 * Pure. Nouns: Release, Passage (a release in one environment), Gate, Approval, Hold. It never
 * writes to an environment repo: `controller` does, when `nextRelease` says that the gates are open.
 * Read first: release.ts (the words), gates.ts, promotion.ts.
 */
export { type Gate, type GateFacts, gatesOf } from './gates.ts'
export { type NextRelease, nextRelease } from './promotion.ts'
export type {
  Approval,
  Hold,
  Passage,
  PassageStatus,
  Release,
  ReleasedService,
} from './release.ts'
