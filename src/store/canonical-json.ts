import type { Json } from './store.ts'
import { StoreError } from './store-error.ts'

/**
 * JSON with one spelling for each value: keys sorted by UTF-16 code unit, no spaces, numbers as
 * ECMAScript writes them. Source: RFC 8785. A key whose value is undefined is left out.
 * @throws StoreError `event-invalid` for what JSON cannot say (NaN, a function, undefined in a list)
 */
export function canonicalJson(value: Json): string {
  return spell(value, '$')
}

function spell(value: unknown, path: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') {
    return JSON.stringify(value)
  }
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => spell(item, `${path}[${index}]`)).join(',')}]`
  }
  if (typeof value === 'object' && isPlain(value)) return spellObject(value, path)
  throw new StoreError({
    code: 'event-invalid',
    fault: 'input',
    message: `an event's ${path} is ${describe(value)}, which JSON cannot say: give a string, a finite number, a boolean, null, a list or an object`,
  })
}

function spellObject(value: object, path: string): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${spell(member, `${path}.${key}`)}`)
  return `{${members.join(',')}}`
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? `a ${value.constructor.name}`
    : `${typeof value} ${String(value)}`
}
