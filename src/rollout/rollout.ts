import type { Verdict } from '../analysis/index.ts'
import type { Strategy } from '../config/index.ts'
import type { WorkloadRef } from '../platform/index.ts'
import type { Split } from '../traffic/index.ts'

/** Milliseconds since 1970. */
export type Instant = number

/** What a rollout is to do; fixed when it starts. Revisions are named by id. */
export type RolloutSpec = {
  readonly id: string
  readonly workload: WorkloadRef
  readonly strategy: Strategy
  readonly replicas: number
  /** What serves now; null: a first deployment. */
  readonly stable: string | null
  readonly candidate: string
  /** How long the candidate may lack ready instances before it is given up. */
  readonly readyDeadlineSeconds: number
  /** Unasked ends of one instance from which the candidate counts as crashing. */
  readonly crashLimit: number
  readonly inconclusive: 'ask' | 'promote' | 'rollback'
  /** Whether the preview must pass the environment's checks before traffic is switched to it. */
  readonly checked: boolean
}

/**
 * - `preparing`: the candidate's first instances come up; stable has all traffic
 * - `progressing`: the strategy's steps are taken one by one
 * - `switching`: the candidate has full capacity and is asked to take all traffic
 * - `holding`: the candidate has all traffic, stable is kept ready to take it back
 * - `rolling-back`: stable takes all traffic back; the candidate goes
 * - `settled`: over; `outcome` says how
 */
export type Phase =
  | 'preparing'
  | 'progressing'
  | 'switching'
  | 'holding'
  | 'rolling-back'
  | 'settled'

/**
 * - `promoted`: the candidate is what serves
 * - `rolled-back`: stable is what serves, the candidate's digest is rejected
 * - `superseded`: stable is what serves, because the environment repo wants something else now
 * - `failed`: a first deployment that never got ready; there is nothing to go back to
 */
export type Outcome = 'promoted' | 'rolled-back' | 'superseded' | 'failed'

export type RolloutStatus = {
  readonly phase: Phase
  /** When the phase began. */
  readonly since: Instant
  readonly startedAt: Instant
  /** Index of the strategy's step that is being taken. */
  readonly step: number
  /** Since when the step's split is observed to be in force; null: not yet. */
  readonly stepSince: Instant | null
  /** Since when the candidate has fewer ready instances than the step needs; null: it has enough. */
  readonly lackingSince: Instant | null
  /** Judging goes on while paused; steps are not taken. */
  readonly paused: { readonly by: string; readonly at: Instant; readonly reason: string } | null
  /** Highest weight in percent that the evidence, or a person, allows. */
  readonly allowed: number
  /** Why it goes back; null: it does not. */
  readonly rollback: Rollback | null
  readonly outcome: Outcome | null
  /** One sentence: where it is and what it waits for. */
  readonly reason: string
  readonly steps: readonly StepRecord[]
}

export type Rollback = {
  readonly cause:
    | 'verdict'
    | 'unready'
    | 'crash'
    | 'checks'
    | 'abort'
    | 'inconclusive'
    | 'superseded'
  readonly reason: string
  /** The person who asked for it, or `slipway`. */
  readonly by: string
  readonly at: Instant
}

/** A step that was taken, with the evidence on which it was left. */
export type StepRecord = {
  /** `5 %`, `header x-canary: true`, `pause 10 s`, `2 of 3`, `switch`, `mirror 20 %`, `rollback`. */
  readonly name: string
  readonly weight: number
  readonly startedAt: Instant
  /** Null: it is being taken. */
  readonly endedAt: Instant | null
  readonly verdict: Verdict | null
}

export type Capacity = {
  /** Instances that are not draining. */
  readonly total: number
  readonly ready: number
  readonly draining: number
  /** Most unasked ends of one of its instances. */
  readonly restarts: number
  /** Why an instance is not ready; null: nothing to say. */
  readonly reason: string | null
}

/** What a person asked of a rollout and it has not taken up yet. */
export type RolloutCommand = {
  readonly kind: 'pause' | 'resume' | 'abort' | 'promote'
  readonly by: string
  readonly reason: string
}

/** Everything that `decide` may know. */
export type Observed = {
  readonly status: RolloutStatus
  readonly stable: Capacity
  readonly candidate: Capacity
  /** Instances of neither, draining ones too: what an earlier rollout left and is not gone yet. */
  readonly others: number
  /** The split in force; null: there is no route yet. */
  readonly split: Split | null
  /** The judge's last word on this rollout; null: it said nothing yet. */
  readonly verdict: Verdict | null
  /** The revision that the environment repo wants; null: it wants none. */
  readonly wanted: string | null
  readonly checks: {
    readonly status: 'running' | 'passed' | 'failed'
    readonly reason: string
  } | null
  readonly commands: readonly RolloutCommand[]
}

/** A goal, safe to repeat. In a decision they are performed in order. */
export type Action =
  /** Exactly so many instances of each revision; a revision that is not named has none. */
  | { readonly kind: 'scale'; readonly counts: Readonly<Record<string, number>> }
  | { readonly kind: 'split'; readonly split: Split }
  /** Run the environment's checks against the preview. */
  | { readonly kind: 'check' }
  /** Hold the candidate's digest and see to it that the environment repo no longer names it. */
  | { readonly kind: 'reject'; readonly reason: string }

export type Decision = {
  /** The whole next status. */
  readonly status: RolloutStatus
  readonly actions: readonly Action[]
  /** When to look again at the latest; null: nothing is left to do. */
  readonly wakeAt: Instant | null
}

export function begin(now: Instant): RolloutStatus {
  return {
    phase: 'preparing',
    since: now,
    startedAt: now,
    step: 0,
    stepSince: null,
    lackingSince: now,
    paused: null,
    allowed: 0,
    rollback: null,
    outcome: null,
    reason: 'waiting for the first instance of the new version',
    steps: [],
  }
}
