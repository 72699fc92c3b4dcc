/**
 * controller: the loops that turn decisions into what runs: observe → decide → perform → save.
 * Nouns: World (every seam it acts on), Ledger (its records in the store), Controller (the loop),
 * Operator (what people may ask). It decides nothing itself: `rollout`, `release` and `analysis` do.
 * Read first: controller.ts, then environment-loop.ts and workload-loop.ts.
 */
export { Controller } from './controller.ts'
export { ControllerError, type ControllerErrorCode } from './controller-error.ts'
export { EnvironmentView } from './environment-view.ts'
export { recordedTicks } from './judging.ts'
export { Operator } from './operator.ts'
export { upNext } from './promotions.ts'
export {
  type EnvironmentRecord,
  type Kind,
  Ledger,
  newestRelease,
  type RolloutRecord,
  type RunRecord,
  type Versioned,
  type WorkloadRecord,
  workloadId,
} from './records.ts'
export type { Runner, RunRequest, Source, VerifyRequest, World } from './world.ts'
