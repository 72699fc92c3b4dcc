import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure, Part, PartOptions, PartResult } from '../figure.ts'
import type { JudgeRow, ScenarioRow } from './summary.ts'
import { SLIPWAY } from './trial.ts'

/** The judge against those of other tools on the public scenarios, by run.ts beside this file. */
export const judge: Part = { name: 'judge', run: measure }

type Result = {
  readonly summary: readonly JudgeRow[]
  readonly scenarios: readonly ScenarioRow[]
  readonly off: readonly string[]
}

async function measure({ stage, isQuick }: PartOptions): Promise<PartResult> {
  const out = join(stage.folder, 'judge.json')
  const program = join(import.meta.dirname, 'run.ts')
  const { status, stdout } = spawnSync(
    process.execPath,
    [program, '--out', out, '--repetitions', isQuick ? '2' : '40'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  // 1 says that a median left the reference, which is a figure below.
  if (status !== 0 && status !== 1) throw new Error(`${program} ended with ${status}`)
  const result = JSON.parse(readFileSync(out, 'utf8')) as Result
  return { figures: figuresOf(result, isQuick), text: stdout, details: result }
}

function figuresOf({ summary, scenarios, off }: Result, isQuick: boolean): Figure[] {
  const own = summary.find((row) => row.judge === SLIPWAY)!
  const figure = (what: string, unit: string, of: (row: JudgeRow) => number | null): Figure => {
    const others = summary.filter((row) => row.judge !== SLIPWAY)
    const peers = others.flatMap((row) => {
      const value = of(row)
      return value === null ? [] : [{ name: row.judge, value }]
    })
    return { part: 'judge', what, unit, value: of(own) ?? Number.NaN, peers }
  }
  const percent = (share: number) => Math.round(share * 1000) / 10
  const medians = 3 * scenarios.filter((row) => row.judge === SLIPWAY).length
  const offReference: Figure = {
    part: 'judge',
    what: `medians off the reference, of ${medians}`,
    value: off.length,
    unit: '',
    aim: { text: 'none', isMet: off.length === 0 },
  }
  return [
    {
      ...figure('false rollbacks', '%', (row) => percent(row.falseRollbacks)),
      aim: { text: 'at most 1 % (alpha)', isMet: own.falseRollbacks <= 0.01 },
    },
    figure('harm missed', '%', (row) => percent(row.missed)),
    figure('delay, median', 's', (row) => row.delay.median),
    figure('bad requests, median', 'requests', (row) => row.badRequests.median),
    figure('time to promotion, median', 's', (row) => row.promotion.median),
    // The median of a few repetitions is no median of forty.
    ...(isQuick ? [] : [offReference]),
  ]
}
