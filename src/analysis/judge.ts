import type { JudgeSettings } from './judge-settings.ts'
import type { Tick } from './metrics.ts'
import { judge } from './sequential/judge.ts'
import { createJudge } from './sequential/state.ts'
import { createThresholdJudge, type ThresholdSettings, thresholdJudge } from './threshold-judge.ts'
import type { Verdict } from './verdict.ts'

/** What a rollout is judged by: evidence (the default), or fixed limits (those that have `limits`). */
export type AnyJudgeSettings = JudgeSettings | ThresholdSettings

/** A judge of its own that is told tick after tick, in order. Same settings and ticks, same verdicts. */
export function judgeOf(settings: AnyJudgeSettings): (tick: Tick) => Verdict {
  if ('limits' in settings) {
    const state = createThresholdJudge(settings)
    return (tick) => thresholdJudge(state, tick).verdict
  }
  const state = createJudge(settings)
  return (tick) => judge(state, tick).verdict
}
