import { relative } from 'node:path'
import {
  asConfigError,
  type EffectiveValue,
  type Explanation,
  explain,
  findProjectFile,
  parseProject,
  readProjectFile,
} from '../config/index.ts'
import { paragraph } from './paragraph.ts'
import { table } from './table.ts'
import type { Context, Verb } from './verb.ts'

/** Tells what a key of `slipway.yaml` means, its default, and what holds in this project. */
export const verb: Verb = {
  example: 'slipway explain environments.production.strategy',
  json: `{
  path: string
  meaning: string
  type: string
  required: boolean
  default: string | null
  keys: { key: string; meaning: string }[]
  values: { path: string; value: string | null; place: string | null; origin: string }[]
}`,

  define(command) {
    command.argument('[path]', 'a key such as services.*.ready; default: the keys at the top')
  },

  async run(context, args) {
    const file = projectFile(context)
    const explanation = explain(args[0] ?? '', file)
    if (file !== null && 'problems' in parseProject(file.text, file.name))
      context.note(`${file.name} has problems, so what holds in it is not told: see slipway check`)
    if (context.json) context.out(JSON.stringify(explanation))
    else context.out(formatExplanation(explanation, context.columns))
    return 0
  },
}

/** A key can be explained without a project: a missing file is no error here. */
function projectFile(context: Context): { readonly text: string; readonly name: string } | null {
  try {
    const file = findProjectFile(context.cwd)
    return { text: readProjectFile(file), name: relative(context.cwd, file) }
  } catch (error) {
    if (asConfigError(error)?.code !== 'project-file-missing') throw error
    return null
  }
}

function formatExplanation(explanation: Explanation, columns: number | null): string {
  const { path, meaning, type, required, keys, values } = explanation
  const lines = [path === '' ? 'slipway.yaml' : path, paragraph(meaning, 2, columns)]
  const standard = required ? 'none: it must be written' : (explanation.default ?? 'none')
  const facts = [
    ['', 'type', type],
    ['', 'default', standard],
  ]
  if (path !== '') lines.push(table(facts, columns))
  if (values.length > 0) {
    lines.push('  here', ...values.map((value) => paragraph(formatValue(value), 4, columns)))
  }
  const meanings = keys.map(({ key, meaning }) => ['', '', key, meaning])
  if (keys.length > 0) lines.push('  keys', table(meanings, columns))
  return lines.join('\n')
}

function formatValue({ path, value, place, origin }: EffectiveValue): string {
  if (value === null) return `${path}: ${origin}`
  const where = place === null ? origin : origin === 'written' ? place : `${place}, ${origin}`
  return `${path}: ${value}  (${where})`
}
