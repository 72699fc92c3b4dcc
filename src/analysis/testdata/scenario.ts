import { readFileSync } from 'node:fs'

/** A number, or one that changes with time. Parts apply in order while from ≤ t < to. */
export type Value = number | { readonly base: number; readonly parts: readonly Part[] }

export type Part = {
  readonly from?: number
  readonly to?: number
  readonly op: 'set' | 'add' | 'mul' | 'ramp' | 'sine'
  readonly value: number
  readonly over?: number
  readonly period?: number
  readonly phase?: number
}

export type Behaviour = { readonly errors: Value; readonly latency?: Value }

export type Scenario = {
  readonly id: string
  readonly seed: number
  readonly rps: Value
  readonly weight: number
  readonly split?: number
  readonly seconds?: number
  readonly baseline: Behaviour
  readonly canary: Behaviour
  readonly bursts?: { readonly perSecond: number; readonly mean: number }
}

/** The twenty public scenarios. */
export function readScenarios(): readonly Scenario[] {
  return JSON.parse(readFileSync(new URL('scenarios.json', import.meta.url), 'utf8'))
}

export type Reference = Readonly<Record<string, Readonly<Record<string, Delay | null>>>>
/** Median and 95th percentile in seconds over the runs that ended so, and their share. */
export type Delay = { readonly median?: number; readonly p95?: number; readonly share: number }

/** What the reference implementation needs, by scenario and judge; null: never. */
export function readReference(): Reference {
  return JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8'))
}

/** The value at second t. */
export function valueAt(value: Value | undefined, t: number, absent = 1): number {
  if (value === undefined) return absent
  if (typeof value === 'number') return value
  return value.parts.reduce((current, part) => applied(part, current, t), value.base)
}

function applied(part: Part, current: number, t: number): number {
  const { from = -Infinity, to = Infinity, value } = part
  if (t < from || t >= to) return current
  switch (part.op) {
    case 'set':
      return value
    case 'add':
      return current + value
    case 'mul':
      return current * value
    case 'ramp':
      return current + value * Math.min(1, (t - Math.max(from, 0)) / (part.over ?? 1))
    case 'sine':
      return current * (1 + value * Math.sin((2 * Math.PI * t) / (part.period ?? 1) + (part.phase ?? 0)))
  }
}
