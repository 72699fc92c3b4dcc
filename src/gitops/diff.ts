import { isDeepStrictEqual } from 'node:util'
import type { EnvValue, Strategy } from '../config/index.ts'
import { strategyText } from './strategy-text.ts'
import type { Workload } from './workload.ts'

export type FieldChange = {
  /** `artifact.version`, `env.LOG_LEVEL`, `strategy` */
  readonly field: string
  /** In words for people; a secret as where it is read from. Null: it is not there. */
  readonly before: string | null
  readonly after: string | null
}

export type WorkloadDiff = {
  readonly environment: string
  readonly service: string
  readonly kind: 'added' | 'removed' | 'changed'
  /** In the order of the file; empty when the whole workload was removed. */
  readonly fields: readonly FieldChange[]
}

/**
 * What must change in `live` to make it `desired`. Equal workloads are left out; sorted by environment and service.
 * @param live what runs, or another commit's desired state
 */
export function diff(
  desired: readonly Workload[],
  live: readonly Workload[],
): readonly WorkloadDiff[] {
  const before = new Map(live.map((workload) => [keyOf(workload), workload]))
  const after = new Map(desired.map((workload) => [keyOf(workload), workload]))
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort()
  return keys.flatMap((key) => diffOne(before.get(key), after.get(key)))
}

/** The same for a terminal: a line for each workload, and one for each of its fields. */
export function diffText(diffs: readonly WorkloadDiff[]): string {
  const signs = { added: '+', removed: '-', changed: '~' }
  const lines = diffs.flatMap((one) => [
    `${signs[one.kind]} ${one.environment}/${one.service}`,
    ...one.fields.map((field) => `    ${fieldText(field)}`),
  ])
  return lines.map((line) => `${line}\n`).join('')
}

function diffOne(
  before: Workload | undefined,
  after: Workload | undefined,
): readonly WorkloadDiff[] {
  const either = after ?? before
  if (!either) return []
  const { environment, service } = either
  if (!after) return [{ environment, service, kind: 'removed', fields: [] }]
  const fields = fieldsOf(before, after)
  if (!before) return [{ environment, service, kind: 'added', fields }]
  return fields.length === 0 ? [] : [{ environment, service, kind: 'changed', fields }]
}

function fieldsOf(before: Workload | undefined, after: Workload): readonly FieldChange[] {
  const old = before ? flat(before) : new Map<string, unknown>()
  const fresh = flat(after)
  return [...new Set([...fresh.keys(), ...old.keys()])]
    .filter((field) => !isDeepStrictEqual(old.get(field), fresh.get(field)))
    .map((field) => ({ field, before: shown(old, field), after: shown(fresh, field) }))
}

function flat(workload: Workload): ReadonlyMap<string, unknown> {
  const fields = Object.entries(workload).flatMap(([key, value]): [string, unknown][] => {
    const isOneThing = key === 'strategy' || Array.isArray(value)
    if (isOneThing || value === null || typeof value !== 'object') return [[key, value]]
    return Object.entries(value).map(([part, inner]) => [`${key}.${part}`, inner])
  })
  return new Map(fields)
}

function shown(fields: ReadonlyMap<string, unknown>, field: string): string | null {
  if (!fields.has(field)) return null
  const value = fields.get(field)
  if (field.startsWith('env.')) return shownVariable(value as EnvValue)
  if (field === 'strategy') return strategyText(value as Strategy)
  if (value === null) return 'none'
  if (Array.isArray(value)) return value.join(', ') || 'none'
  return String(value)
}

function shownVariable(value: EnvValue): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return 'env' in value ? `secret from variable ${value.env}` : `secret from file ${value.file}`
}

function fieldText({ field, before, after }: FieldChange): string {
  if (before === null) return `${field}: ${after}`
  return `${field}: ${before} → ${after ?? 'gone'}`
}

function keyOf({ environment, service }: Workload): string {
  return `${environment}/${service}`
}
