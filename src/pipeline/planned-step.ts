import type { Fingerprint } from './fingerprint.ts'
import type { Origin } from './sources.ts'
import type { Step } from './types.ts'

/** A step of a plan: whether it runs, why, and what it is expected to cost. */
export type PlannedStep = {
  readonly step: Step
  /** Null: it cannot be cached. */
  readonly key: string | null
  readonly cached: boolean
  /** Why it runs, or that nothing changed, in words. */
  readonly reason: string
  /** From its earlier runs; of a cached one 0. */
  readonly expectedSeconds: number
  /** Share of its earlier runs that failed, 0..1, never quite 0. */
  readonly failureShare: number
  readonly fingerprint: Fingerprint
  /** What a package step writes on its artifact; null: it is a command. */
  readonly origin: Origin | null
}
