/**
 * Measures Slipway beside other tools, side by side in one run:
 *   npm run bench -- [--quick] [PART…]
 * Prints one table and writes all figures to bench/results/results.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { cli } from './cli/part.ts'
import { edge } from './edge/part.ts'
import type { Figure, Part } from './figure.ts'
import { judge } from './judge/part.ts'
import { describeMachine, machineText } from './machine.ts'
import { memory } from './memory/part.ts'
import { monorepo } from './monorepo/part.ts'
import { figureTable } from './report.ts'
import { Stage } from './stage.ts'
import { store } from './store/part.ts'

const PARTS: readonly Part[] = [edge, monorepo, cli, memory, store, judge]
const FILE = join(import.meta.dirname, 'results', 'results.json')

const note = (text: string) => void process.stderr.write(`${text}\n`)
const { values, positionals } = asked()
const machine = describeMachine()
const figures: Figure[] = []
const skipped: string[] = []
const details: Record<string, object> = {}
for (const part of chosen(positionals)) {
  note(`${part.name} …`)
  await using stage = new Stage()
  const clearUp = () => void stage[Symbol.asyncDispose]().then(() => process.exit(130))
  process.once('SIGINT', clearUp).once('SIGTERM', clearUp)
  const result = await part.run({ stage, isQuick: values.quick, note })
  process.off('SIGINT', clearUp).off('SIGTERM', clearUp)
  figures.push(...result.figures)
  skipped.push(...(result.skipped ?? []))
  details[part.name] = result.details
  if (result.text !== undefined) console.log(result.text)
}
console.log(machineText(machine))
console.log(figureTable(figures))
for (const line of skipped) console.log(`skipped: ${line}`)
const at = new Date().toISOString()
const document = { at, isQuick: values.quick, machine, figures, skipped, details }
mkdirSync(dirname(FILE), { recursive: true })
writeFileSync(FILE, `${JSON.stringify(document, null, 2)}\n`)
console.log(`all measurements: ${FILE}`)

function asked() {
  try {
    const options = { quick: { type: 'boolean', default: false } } as const
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    note(
      `${error instanceof Error ? error.message : error}\nusage: npm run bench -- [--quick] [PART…]`,
    )
    process.exit(2)
  }
}

function chosen(names: readonly string[]): readonly Part[] {
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name))
  if (unknown.length > 0) {
    note(`there is no part ${unknown.join(', ')}: known are ${PARTS.map((p) => p.name).join(', ')}`)
    process.exit(2)
  }
  return names.length === 0 ? PARTS : PARTS.filter(({ name }) => names.includes(name))
}
