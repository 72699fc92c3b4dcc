import type { z } from 'zod'
import { nameLike } from './name.ts'
import { nearest } from './nearest.ts'
import type { Finding, Path } from './problem.ts'
import { ProjectFile } from './schema.ts'
import { formOf, keysAt, shapesAt, wordsAt } from './shape.ts'

type Issue = z.core.$ZodIssue

/** Keys of systems that people come from or that are planned: told apart from a typo. */
const notYet: Readonly<Record<string, string>> = {
  dockerfile: 'is not supported yet: the builder `layers` needs none; write run and output',
  expires: 'is not supported yet: environments for pull requests are not',
}

/** The file with shorthands, units and defaults resolved, or all that is wrong about its shape. */
export function parseShape(
  data: unknown,
): { readonly file: ProjectFile } | { readonly findings: readonly Finding[] } {
  const parsed = ProjectFile.safeParse(data)
  if (parsed.success) return { file: parsed.data }
  const issues = withoutEchoes(parsed.error.issues.flatMap((issue) => unfold(issue, [])))
  return { findings: issues.flatMap((issue) => findingsOf(issue, data)) }
}

/** The issues of a union are those of the one alternative whose type fits, if one does. */
function unfold(issue: Issue, above: Path): Issue[] {
  const path = [...above, ...(issue.path as Path)]
  if (issue.code !== 'invalid_union') return [{ ...issue, path }]
  const fitting = issue.errors.filter((issues) => !issues.some(isOfOtherType))
  const [only, ...others] = fitting
  if (only === undefined || others.length > 0) return [{ ...issue, path }]
  return only.flatMap((each) => unfold(each, path))
}

function isOfOtherType(issue: Issue): boolean {
  const isItself = issue.path.length === 0
  return isItself && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

/** A rule about a whole (`exactly one of`) says nothing once a part of it is wrong by itself. */
function withoutEchoes(issues: readonly Issue[]): readonly Issue[] {
  const causes = issues.filter((issue) => issue.code !== 'custom')
  return issues.filter(
    (issue) =>
      issue.code !== 'custom' || !causes.some((cause) => startsWith(cause.path, issue.path)),
  )
}

function startsWith(path: readonly PropertyKey[], start: readonly PropertyKey[]): boolean {
  return start.every((part, at) => path[at] === part)
}

function findingsOf(issue: Issue, data: unknown): readonly Finding[] {
  const path = issue.path as Path
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key))
  if (issue.code === 'invalid_key') return [wrongName(path)]
  if (issue.code === 'custom') return [{ path, at: 'value', message: issue.message, hint: null }]
  const value = valueAt(data, path)
  return [value === undefined ? missing(path) : wrongValue(path, value)]
}

function unknownKey(path: Path, key: string): Finding {
  const at = { path: [...path, key], at: 'key' } as const
  const planned = Object.hasOwn(notYet, key) ? notYet[key] : undefined
  if (planned !== undefined) return { ...at, message: planned, hint: null }
  const known = keysAt(path)
  const list = known.length === 0 ? 'it has none' : `known: ${known.join(', ')}`
  return { ...at, message: 'unknown key', hint: didYouMean(nearest(key, known), list) }
}

function wrongName(path: Path): Finding {
  const above = shapesAt(path.slice(0, -1)).find((shape) => shape.propertyNames !== undefined)
  const form = above?.propertyNames === undefined ? 'another name' : formOf(above.propertyNames)
  const like = nameLike(String(path.at(-1)))
  const isName = form.startsWith('a name')
  const hint = isName && like !== null ? `did you mean "${like}"?` : null
  return { path, at: 'key', message: `must be ${form}`, hint }
}

function missing(path: Path): Finding {
  const meaning = shapesAt(path)[0]?.description
  const hint = meaning === undefined ? null : `write the ${lowerFirst(meaning).replace(/\.$/, '')}`
  return { path, at: 'key', message: 'is missing', hint }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function wrongValue(path: Path, value: unknown): Finding {
  const shapes = shapesAt(path)
  const forms = [...new Set(shapes.map(formOf))].join(', or ')
  const message = `must be ${forms === '' ? 'something else' : forms}, not ${shown(value)}`
  return { path, at: 'value', message, hint: hintFor(path, value) }
}

function hintFor(path: Path, value: unknown): string | null {
  const shapes = shapesAt(path)
  const unit = shapes.find((shape) => shape['x-unit'] !== undefined)?.['x-unit']
  const isBare = typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))
  if (unit !== undefined && isBare) return `did you mean ${value}${unit}?`
  const isUnquoted = typeof value === 'number' || typeof value === 'boolean'
  const text = shapes.some((shape) => shape.type === 'string' && shape.enum === undefined)
  if (isUnquoted && text && unit === undefined) return `as text it is "${value}", with the quotes`
  const word = typeof value === 'string' ? nearest(value, wordsAt(path)) : null
  return word === null ? null : `did you mean "${word}"?`
}

function didYouMean(word: string | null, list: string): string {
  return word === null ? list : `did you mean "${word}"? (${list})`
}

const SHOWN_LENGTH = 40

function shown(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value !== 'string') return String(value)
  return JSON.stringify(value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}…` : value)
}

/** What stands at a path of plain data; undefined: nothing does. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    return (value as Readonly<Record<string | number, unknown>>)[part]
  }, data)
}
