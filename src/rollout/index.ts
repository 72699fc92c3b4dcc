/**
 * rollout: how one workload moves from one version to another.
 * Decisions only: `decide(spec, seen, now)` is the whole of it. Nouns: RolloutSpec, RolloutStatus,
 * Observed, Action, Phase, Outcome. It never talks to a platform, router, repo or clock.
 * Read first: rollout.ts (the words), decide.ts (what outranks what), then one file per strategy.
 */
export { judgedWeights } from './canary.ts'
export { decide } from './decide.ts'
export {
  type Action,
  begin,
  type Capacity,
  type Decision,
  type Instant,
  type Observed,
  type Outcome,
  type Phase,
  type Rollback,
  type RolloutCommand,
  type RolloutSpec,
  type RolloutStatus,
  type StepRecord,
} from './rollout.ts'
export { all as allTo, isInForce } from './split.ts'
