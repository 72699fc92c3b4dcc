import type { Path } from './problem.ts'
import { jsonSchema, type Shape } from './schema.ts'

/**
 * What may stand at a path: each alternative of a union by itself, empty when nothing may.
 * `*` stands for any name and any place of a list.
 */
export function shapesAt(path: Path): readonly Shape[] {
  return path.reduce<readonly Shape[]>(
    (shapes, part) => shapes.flatMap(alternatives).flatMap((shape) => below(shape, part)),
    [jsonSchema()],
  )
}

/** The keys that are known at a path, in the order of the schema; empty: names are free or it is no map. */
export function keysAt(path: Path): readonly string[] {
  const shapes = shapesAt(path).flatMap(alternatives)
  return [...new Set(shapes.flatMap((shape) => Object.keys(shape.properties ?? {})))]
}

/** The words that may stand at a path; empty: any text, or no text at all. */
export function wordsAt(path: Path): readonly string[] {
  const words = shapesAt(path)
    .flatMap(alternatives)
    .flatMap((shape) => [...(shape.enum ?? []), shape.const])
  return words.filter((word) => typeof word === 'string')
}

/** A shape in words: `a whole number from 1 to 65535`. */
export function formOf(shape: Shape): string {
  if (shape['x-form'] !== undefined) return shape['x-form']
  if (shape.enum !== undefined) return `one of ${shape.enum.join(', ')}`
  if (shape.const !== undefined) return String(shape.const)
  if (shape.anyOf !== undefined) return [...new Set(shape.anyOf.map(formOf))].join(', or ')
  if (shape.type === 'array')
    return shape.items === undefined ? 'a list' : `a list, each ${formOf(shape.items)}`
  if (shape.type === 'object') return mapForm(shape)
  if (shape.type === 'boolean') return 'true or false'
  if (shape.type === 'integer') return `a whole number${limits(shape)}`
  return shape.type === 'number' ? `a number${limits(shape)}` : 'text'
}

function mapForm(shape: Shape): string {
  const keys = Object.keys(shape.properties ?? {})
  return keys.length === 0 ? 'a map' : `a map with ${keys.join(', ')}`
}

function limits(shape: Shape): string {
  return shape.minimum === undefined ? '' : ` from ${shape.minimum} to ${shape.maximum}`
}

function alternatives(shape: Shape): readonly Shape[] {
  return shape.anyOf === undefined ? [shape] : shape.anyOf.flatMap(alternatives)
}

function below(shape: Shape, part: string | number): readonly Shape[] {
  const items = shape.items !== undefined && (typeof part === 'number' || part === '*')
  if (items && shape.items !== undefined) return [shape.items]
  const known = Object.hasOwn(shape.properties ?? {}, part) ? shape.properties?.[part] : undefined
  if (known !== undefined) return [known]
  return typeof shape.additionalProperties === 'object' ? [shape.additionalProperties] : []
}
