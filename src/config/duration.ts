import { z } from 'zod'

const millisecondsPer = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
type Unit = keyof typeof millisecondsPer

const written = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/
const YEAR_SECONDS = 365 * 86_400

/** A length of time as written, `500ms` to `365d`; parsed to seconds, exact to the millisecond. */
export const Duration = z
  .string()
  .regex(written)
  .transform(secondsOf)
  .refine((seconds) => seconds <= YEAR_SECONDS, { error: 'must be at most 365d' })
  .meta({ 'x-form': 'a duration such as 500ms, 10s, 3m, 2h or 3d', 'x-unit': 's' })

/** A Duration that is longer than nothing: a timeout or an interval. */
export const PositiveDuration = Duration.refine((seconds) => seconds > 0, {
  error: 'must be longer than 0s',
})

/** Seconds of a text that matches the form of a Duration. */
export function secondsOf(text: string): number {
  const [, amount, unit] = written.exec(text) ?? []
  return Math.round(Number(amount) * millisecondsPer[unit as Unit]) / 1000
}

/** The shortest text that means so many seconds, in the largest unit that divides them: `90` → `90s`, `120` → `2m`. */
export function formatDuration(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000)
  if (milliseconds === 0) return '0s'
  const units: readonly Unit[] = ['d', 'h', 'm', 's', 'ms']
  const unit = units.find((each) => milliseconds % millisecondsPer[each] === 0) ?? 'ms'
  return `${milliseconds / millisecondsPer[unit]}${unit}`
}
