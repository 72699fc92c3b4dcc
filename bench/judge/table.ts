import Table from 'cli-table3'
import type { Reference } from '../../src/analysis/testdata/scenario.ts'
import type { Delays, JudgeRow, ScenarioRow } from './summary.ts'
import { SLIPWAY } from './trial.ts'

/** Median delay of each judge in each scenario (share of the runs if not all), the reference in brackets. */
export function scenarioTable(rows: readonly ScenarioRow[], reference: Reference): string {
  const others = [...new Set(rows.map(({ judge }) => judge))].filter((judge) => judge !== SLIPWAY)
  const ours = ['scenario', 'slipway', '× limit', 'to 25%', '× limit', 'to 100%', '× limit']
  const table = new Table({ head: [...ours, ...others], style: PLAIN })
  for (const row of rows.filter(({ judge }) => judge === SLIPWAY)) {
    const expected = reference[row.scenario] ?? {}
    const both = (what: 'rollback' | 'to25' | 'to100') =>
      `${cell(row[what], what === 'rollback')} [${cell(expected[what], what === 'rollback')}]`
    const theirs = others.map((judge) => {
      const other = rows.find((r) => r.scenario === row.scenario && r.judge === judge)
      return `${cell(other?.rollback)} [${cell(expected[judge])}]`
    })
    table.push([
      row.scenario,
      both('rollback'),
      times(row.ratioRollback),
      both('to25'),
      times(row.ratioTo25),
      both('to100'),
      times(row.ratioTo100),
      ...theirs,
    ])
  }
  return table.toString()
}

/** Each judge over all scenarios. */
export function judgeTable(rows: readonly JudgeRow[]): string {
  const head = ['judge', 'false rollbacks', 'missed', 'delay', 'p95', 'bad requests', 'promotion']
  const table = new Table({ head, style: PLAIN })
  for (const { judge, falseRollbacks, missed, delay, badRequests, promotion } of rows) {
    table.push([
      judge,
      percent(falseRollbacks),
      percent(missed),
      seconds(delay.median),
      seconds(delay.p95),
      String(badRequests.median ?? '–'),
      promotion.share === 0 ? '–' : `${seconds(promotion.median)} (${percent(promotion.share)})`,
    ])
  }
  return table.toString()
}

const PLAIN = { head: [], border: [], compact: true }

type Shown = {
  readonly median?: number | null
  readonly p95?: number | null
  readonly share: number
}

function cell(delays: Shown | Delays | null | undefined, withP95 = false): string {
  if (delays == null || delays.share === 0) return '–'
  const p95 = withP95 && delays.p95 != null ? `/${delays.p95}` : ''
  const median = delays.median == null ? '' : `${delays.median}${p95}`
  return delays.share === 1 ? median : `${median}(${percent(delays.share)})`
}

function times(ratio: number | null): string {
  return ratio === null ? '' : ratio.toFixed(1)
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`
}

function seconds(value: number | null): string {
  return value === null ? '–' : `${Math.round(value)} s`
}
