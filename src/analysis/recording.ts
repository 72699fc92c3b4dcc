import { AnalysisError } from './analysis-error.ts'
import { parseJudgeSettings, parseTick, type TickFileLine } from './tick-file.ts'

/** An event of a rollout as the log keeps it; of others than these two types nothing is taken. */
export type RecordedEvent = {
  /** `rollout.judged-by` (data: JudgeSettings) or `rollout.ticks` (data: a list of Tick). */
  readonly type: string
  readonly data: unknown
}

/**
 * What a rollout was judged by, as a tick file would say it.
 * @throws AnalysisError `rollout-not-judged` when nothing was recorded; `tick-invalid` and
 * `judge-settings-invalid` when the log holds something else
 */
export function* readRecording(
  events: Iterable<RecordedEvent>,
  rollout: string,
): Generator<TickFileLine> {
  let isOpen = false
  let after: number | null = null
  for (const { type, data } of events) {
    const place = `rollout ${rollout}`
    if (type === 'rollout.judged-by') {
      isOpen = true
      after = null
      yield { kind: 'settings', settings: parseJudgeSettings(data, place) }
    } else if (type === 'rollout.ticks' && isOpen && Array.isArray(data)) {
      for (const value of data) {
        const tick = parseTick(value, place, after)
        after = tick.t
        yield { kind: 'tick', tick }
      }
    }
  }
  if (!isOpen) throw unjudged(rollout)
}

function unjudged(rollout: string): AnalysisError {
  return new AnalysisError({
    code: 'rollout-not-judged',
    fault: 'input',
    message: `no verdicts are recorded for rollout ${rollout}: see \`slipway status\` for the rollouts there are; only canaries are judged`,
  })
}
