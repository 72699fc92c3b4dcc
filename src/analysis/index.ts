/**
 * analysis: is the canary worse than the baseline, and is it safe to give it more?
 * Pure: ticks in, verdicts out. Nouns: Tick, Verdict, Evidence, JudgeSettings, Judge. It never sets
 * a weight and never reads a clock. The seam MetricSource says where ticks come from (edge/).
 * Read first: verdict.ts, then judge.ts.
 */
export type { JudgeSettings, NextStep } from './judge-settings.ts'
export type { MetricSource, Replica, Tick, TrafficTick } from './metrics.ts'
export type { Arm, Evidence, Verdict } from './verdict.ts'
