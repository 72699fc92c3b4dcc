import type { Stage } from './stage.ts'

/** One measured number, beside what others do and what was aimed at. */
export type Figure = {
  /** Name of the part that measured it. */
  readonly part: string
  readonly what: string
  readonly value: number
  /** `req/s`, `ms`, `MB` … */
  readonly unit: string
  /** The same measured of another tool, in the same run and unit. */
  readonly peers?: readonly Peer[]
  readonly aim?: Aim
}

export type Peer = { readonly name: string; readonly value: number }

export type Aim = { readonly text: string; readonly isMet: boolean }

export type PartResult = {
  readonly figures: readonly Figure[]
  /** What was left out: what is missing, and how to get it. */
  readonly skipped?: readonly string[]
  /** A part's own tables, printed before the common one. */
  readonly text?: string
  /** Every single measurement, for the JSON file. */
  readonly details: object
}

export type PartOptions = {
  /** The part's own; it is gone when the part is over. */
  readonly stage: Stage
  /** A short look instead of a measurement. */
  readonly isQuick: boolean
  readonly note: (text: string) => void
}

export type Part = {
  readonly name: string
  readonly run: (options: PartOptions) => Promise<PartResult>
}
