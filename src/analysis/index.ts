/**
 * analysis: is the canary worse than the baseline, and is it safe to give it more?
 * Pure: ticks in, verdicts out. Nouns: Tick, Verdict, Evidence, JudgeSettings, Judge, Plan. It never
 * sets a weight and never reads a clock. The seam MetricSource says where ticks come from (edge/).
 * `sequential/` is the default judge (evidence that may be looked at any time), threshold-judge.ts
 * the plain one, plan.ts the steps and margins before a rollout, tick-file.ts what is replayed.
 * Read first: verdict.ts, then sequential/judge.ts.
 */
export { AnalysisError, type AnalysisErrorCode } from './analysis-error.ts'
export { type AnyJudgeSettings, judgeOf } from './judge.ts'
export type { JudgeSettings, NextStep, Phi, Tolerance } from './judge-settings.ts'
export type { MetricSource, Replica, Tick, TrafficTick } from './metrics.ts'
export { type Plan, type PlannedStep, type PlanRequest, planSteps } from './plan.ts'
export { type RecordedEvent, readRecording } from './recording.ts'
export { judge, measuredPhi } from './sequential/judge.ts'
export { createJudge, type JudgeState } from './sequential/state.ts'
export {
  createThresholdJudge,
  type ThresholdSettings,
  type ThresholdState,
  thresholdJudge,
} from './threshold-judge.ts'
export {
  parseJudgeSettings,
  parseTick,
  readTickFile,
  type TickFileLine,
} from './tick-file.ts'
export { type Arms, toTicks } from './ticks.ts'
export type { Arm, Evidence, Verdict } from './verdict.ts'
