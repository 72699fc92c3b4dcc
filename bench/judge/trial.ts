import { createJudge, type JudgeSettings, judge } from '../../src/analysis/index.ts'
import { ticksOf } from '../../src/analysis/testdata/generator.ts'
import type { Scenario } from '../../src/analysis/testdata/scenario.ts'
import { OPPONENTS } from './opponents.ts'
import { Recording } from './recording.ts'

/** How one judge ended one repetition. Seconds from the canary's start; null: never. */
export type Ending = {
  readonly rollback: number | null
  /** Failed canary requests until then. */
  readonly badRequests: number | null
  readonly to25: number | null
  readonly to100: number | null
}

export const SLIPWAY = 'slipway'

/** Settings of the public scenarios: D = 0.5pp, no dwell. */
const SETTINGS: JudgeSettings = {
  alpha: 0.01,
  beta: 0.05,
  warm: 30,
  minDwell: 0,
  next: [
    { weight: 0.25, margin: 0.02, latencyRatio: 2 },
    { weight: 1, margin: 0.005, latencyRatio: 1.5 },
  ],
}

/** One repetition of a scenario before all judges, fed the same ticks side by side. */
export function trial(scenario: Scenario, repetition: number): Readonly<Record<string, Ending>> {
  const recording = new Recording(scenario.weight)
  const endings: Record<string, { -readonly [Key in keyof Ending]: Ending[Key] }> = {}
  for (const name of [SLIPWAY, ...OPPONENTS.map(({ name }) => name)]) {
    endings[name] = { rollback: null, badRequests: null, to25: null, to100: null }
  }
  const running = new Map(OPPONENTS.map((opponent) => [opponent.name, opponent.start()]))
  const state = createJudge(SETTINGS)
  const ours = endings[SLIPWAY]!
  for (const tick of ticksOf(scenario, repetition)) {
    const { verdict, toWeight } = judge(state, tick).verdict
    if (tick.t < 0) continue
    recording.add(tick)
    const delay = recording.elapsed
    const badRequests = () => recording.window('canary', delay).errors
    if (verdict === 'promote') ours[toWeight === 1 ? 'to100' : 'to25'] = delay
    if (verdict === 'rollback' && ours.rollback === null) {
      Object.assign(ours, { rollback: delay, badRequests: badRequests() })
    }
    for (const [name, isOver] of running) {
      if (!isOver(recording)) continue
      Object.assign(endings[name]!, { rollback: delay, badRequests: badRequests() })
      running.delete(name)
    }
  }
  return withSchedules(endings)
}

/** The others promote by their clock, unless they rolled back before. */
function withSchedules(endings: Readonly<Record<string, Ending>>): Record<string, Ending> {
  const result: Record<string, Ending> = { ...endings }
  for (const { name, promotesAfter } of OPPONENTS) {
    const ending = endings[name]!
    const isInTime = ending.rollback === null || ending.rollback > (promotesAfter ?? Infinity)
    if (isInTime) result[name] = { ...ending, to100: promotesAfter }
  }
  return result
}
