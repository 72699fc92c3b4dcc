import { stringify } from 'yaml'
import { ConfigError } from './config-error.ts'
import { nearest } from './nearest.ts'
import { parsePath, parseSource } from './parse.ts'
import { formatPath, type Path } from './problem.ts'
import type { Project } from './project.ts'
import type { Shape } from './schema.ts'
import { formOf, keysAt, shapesAt } from './shape.ts'
import { valueAt } from './shape-problems.ts'
import type { Source } from './source.ts'
import { writtenProject } from './written.ts'

/** All that there is to say about one key. */
export type Explanation = {
  /** As it was asked, `services.*.ready`; empty: the file as a whole. */
  readonly path: string
  readonly meaning: string
  /** Accepted values, in words. */
  readonly type: string
  readonly required: boolean
  /** The default as it would be written, or in words; null: there is none. */
  readonly default: string | null
  /** Keys below it with their meanings, in the order of the schema. */
  readonly keys: readonly { readonly key: string; readonly meaning: string }[]
  /** What holds in a project; with `*` one for each name, without a project none. */
  readonly values: readonly EffectiveValue[]
}

export type EffectiveValue = {
  readonly path: string
  /** As it would be written in one line; null: nothing is set. */
  readonly value: string | null
  /** `slipway.yaml:7:5`; null: it is not written in the file. */
  readonly place: string | null
  /** Where the value comes from, in words. */
  readonly origin: string
}

/**
 * What a key means and what holds for it in the project whose file is given.
 * @param text a path as errors and users write it, `*` for any name; empty: the top
 * @param file the text of a right `slipway.yaml` and how to name it; null: meanings only
 * @throws ConfigError `project-path-unknown`
 */
export function explain(
  text: string,
  file: { readonly text: string; readonly name: string } | null,
): Explanation {
  const path = parsePath(text)
  const shapes = shapesAt(path)
  if (shapes.length === 0) throw unknownPath(text, path)
  const first = shapes.find((shape) => shape.description !== undefined) ?? shapes[0]
  const parsed = file === null ? null : parseSource(file.text, file.name)
  const written = parsed !== null && 'project' in parsed ? parsed : null
  return {
    path: formatPath(path),
    meaning: first?.description ?? meaningOfItem(path),
    type: [...new Set(shapes.map(formOf))].join(', or '),
    required: isRequired(path),
    default: defaultOf(shapes),
    keys: keysAt(path).map((key) => ({ key, meaning: meaningOf([...path, key]) })),
    values: path.length === 0 || written === null ? [] : valuesOf(path, written),
  }
}

function unknownPath(text: string, path: Path): ConfigError {
  const wrong = path.findIndex((_, at) => shapesAt(path.slice(0, at + 1)).length === 0)
  const above = path.slice(0, wrong)
  const known = keysAt(above)
  const near = nearest(String(path[wrong]), known)
  const meant =
    near === null ? '' : ` did you mean ${formatPath([...above, near, ...path.slice(wrong + 1)])}?`
  const list = known.length === 0 ? 'nothing is below it' : `known: ${known.join(', ')}`
  const where = above.length === 0 ? 'at the top' : `below ${formatPath(above)}`
  return new ConfigError({
    code: 'project-path-unknown',
    fault: 'input',
    message: `${text}: there is no key "${path[wrong]}" ${where};${meant} (${list})`,
  })
}

function meaningOf(path: Path): string {
  return shapesAt(path).find((shape) => shape.description !== undefined)?.description ?? ''
}

/** A name that the user chose, or a place of a list, means what the keys above say. */
function meaningOfItem(path: Path): string {
  if (path.length === 0) return 'What the project is made of and how it gets to production.'
  return `One of ${formatPath(path.slice(0, -1))}: ${meaningOf(path.slice(0, -1))}`
}

function isRequired(path: Path): boolean {
  const key = String(path.at(-1) ?? '')
  return shapesAt(path.slice(0, -1)).some(
    (shape) =>
      shape.required?.includes(key) ||
      shape.anyOf?.some((alternative) => alternative.required?.includes(key)),
  )
}

function defaultOf(shapes: readonly Shape[]): string | null {
  const words = shapes.find((shape) => shape['x-default'] !== undefined)?.['x-default']
  if (words !== undefined) return words
  const value = shapes.find((shape) => shape.default !== undefined)?.default
  return value === undefined ? null : oneLine(value)
}

type Written = { readonly project: Project; readonly source: Source }

function valuesOf(path: Path, { project, source }: Written): readonly EffectiveValue[] {
  const effective = writtenProject(project)
  return expand(path, effective).map((each) => effectiveValue(each, effective, source))
}

/** The paths that a path with `*` stands for. */
function expand(path: Path, data: unknown): readonly Path[] {
  const star = path.indexOf('*')
  if (star < 0) return [path]
  const above = valueAt(data, path.slice(0, star))
  const names = typeof above === 'object' && above !== null ? Object.keys(above) : []
  const list = Array.isArray(above)
  return names.flatMap((name) =>
    expand([...path.slice(0, star), list ? Number(name) : name, ...path.slice(star + 1)], data),
  )
}

function effectiveValue(path: Path, effective: unknown, source: Source): EffectiveValue {
  const raw = source.data()
  const meant = valueAt(effective, path) ?? valueAt(raw, path) ?? defaultAt(path)
  const value = meant === undefined ? null : summary(meant)
  const formatted = formatPath(path)
  const depth = writtenDepth(path, source)
  const above = path.slice(0, depth)
  const { line, column } = source.place(above, 'value')
  const place = `${source.file}:${line}:${column}`
  if (depth === path.length) return { path: formatted, value, place, origin: 'written' }
  const holder = valueAt(raw, above)
  const isShorthand = typeof holder !== 'object' || holder === null || Array.isArray(holder)
  if (isShorthand && value !== null && depth > 1)
    return { path: formatted, value, place, origin: `by ${formatPath(above)}: ${oneLine(holder)}` }
  const name = nearestName(path, depth, raw)
  if (name !== null) return { path: formatted, value: null, place: null, origin: name }
  const origin = shapesAt(path).find((shape) => shape['x-default'])?.['x-default'] ?? 'the default'
  return { path: formatted, value, place: null, origin }
}

function defaultAt(path: Path): unknown {
  return shapesAt(path).find((shape) => shape.default !== undefined)?.default
}

function writtenDepth(path: Path, source: Source): number {
  for (let depth = path.length; depth > 0; depth--)
    if (source.has(path.slice(0, depth))) return depth
  return 0
}

/** Where a service (or the like) of that name is not in the file at all: says so. */
function nearestName(path: Path, depth: number, raw: unknown): string | null {
  const isFree = keysAt(path.slice(0, depth)).length === 0
  const holder = valueAt(raw, path.slice(0, depth))
  if (!isFree || typeof holder !== 'object' || holder === null) return null
  const name = String(path[depth])
  const near = nearest(name, Object.keys(holder))
  const meant = near === null ? '' : `; did you mean "${near}"?`
  return `there is no "${name}" in ${formatPath(path.slice(0, depth))}${meant}`
}

const SUMMARY_LENGTH = 160

/** A whole part of the file in one line, of a large one only its names. */
function summary(value: unknown): string {
  const line = oneLine(value)
  const isLargeMap = line.length > SUMMARY_LENGTH && typeof value === 'object' && value !== null
  if (!isLargeMap || Array.isArray(value)) return line
  return `{ ${Object.keys(value)
    .map((key) => `${key}: …`)
    .join(', ')} }`
}

function oneLine(value: unknown): string {
  if (typeof value === 'string') return value
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()
}
