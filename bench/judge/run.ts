/**
 * The judge against its opponents on the twenty public scenarios.
 *   node bench/judge/run.ts [--repetitions 40] [--scenario REGEX] [--out FILE]
 * Prints tables and writes all figures as JSON; exit code 1 when our judge leaves the reference.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import {
  readReference,
  readScenarios,
  type Scenario,
} from '../../src/analysis/testdata/scenario.ts'
import { OPPONENTS } from './opponents.ts'
import { deviations, judgeRow, scenarioRow } from './summary.ts'
import { judgeTable, scenarioTable } from './table.ts'
import { type Ending, SLIPWAY, trial } from './trial.ts'

type Task = { readonly scenario: Scenario; readonly repetition: number }
type Done = Task & { readonly endings: Readonly<Record<string, Ending>> }

if (isMainThread) await main()
else work(workerData as readonly Task[])

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      repetitions: { type: 'string', default: '40' },
      scenario: { type: 'string', default: '' },
      out: { type: 'string', default: 'bench/results/judge.json' },
    },
  })
  const scenarios = readScenarios().filter(({ id }) => new RegExp(values.scenario).test(id))
  const tasks = scenarios.flatMap((scenario) =>
    Array.from({ length: Number(values.repetitions) }, (_, repetition) => ({
      scenario,
      repetition,
    })),
  )
  const started = performance.now()
  const done = await runAll(tasks)
  const seconds = (performance.now() - started) / 1000
  const judges = [SLIPWAY, ...OPPONENTS.map(({ name }) => name)]
  const rows = scenarios.flatMap((scenario) =>
    judges.map((judge) => {
      const endings = done.filter((run) => run.scenario.id === scenario.id)
      return scenarioRow(
        scenario,
        judge,
        endings.map((run) => run.endings[judge]!),
      )
    }),
  )
  const summary = judges.map((judge) =>
    judgeRow(
      judge,
      done.map(({ scenario, endings }) => ({ scenario, ending: endings[judge]! })),
    ),
  )
  const off = deviations(rows, readReference())
  mkdirSync(dirname(values.out), { recursive: true })
  const result = { repetitions: Number(values.repetitions), seconds, summary, scenarios: rows, off }
  writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`)
  console.log(scenarioTable(rows, readReference()))
  console.log(judgeTable(summary))
  console.log(off.length === 0 ? 'within 25 % + 3 s of the reference everywhere' : off.join('\n'))
  console.log(`${Math.round(seconds)} s; all figures in ${values.out}`)
  process.exitCode = off.length === 0 ? 0 : 1
}

async function runAll(tasks: readonly Task[]): Promise<readonly Done[]> {
  const lanes = Array.from({ length: availableParallelism() }, (_, lane) =>
    tasks.filter((_, i) => i % availableParallelism() === lane),
  )
  const done = await Promise.all(lanes.map(runLane))
  return done.flat()
}

function runLane(tasks: readonly Task[]): Promise<readonly Done[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: tasks })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

function work(tasks: readonly Task[]): void {
  const done = tasks.map((task) => ({ ...task, endings: trial(task.scenario, task.repetition) }))
  parentPort!.postMessage(done)
}
