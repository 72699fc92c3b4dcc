import { z } from 'zod'
import { AnalysisError, type AnalysisErrorCode } from './analysis-error.ts'
import { BUCKETS } from './buckets.ts'
import type { AnyJudgeSettings } from './judge.ts'
import type { JudgeSettings } from './judge-settings.ts'
import type { Tick } from './metrics.ts'
import type { ThresholdSettings } from './threshold-judge.ts'

/** What is wrong inside a line, as `key: what would be right`. */
const share = (example: string) =>
  z.number(`must be a number from 0 to 1, for example ${example}`).refine((x) => x >= 0 && x <= 1, {
    error: `must be from 0 to 1, for example ${example}`,
  })
const chance = (example: string) =>
  share(example).refine((x) => x > 0 && x < 1, { error: 'must be between 0 and 1' })
const amount = (unit: string) => {
  const error = `must be a number of ${unit}, 0 or more`
  return z.number(error).nonnegative(error)
}
const times = z.number('must be a ratio, for example 1.5').min(1, 'must be 1 or more')
const list = <T extends z.ZodType>(of: T, what: string) => z.array(of, `must be a list of ${what}`)

const nextStep = z.strictObject({
  weight: share('0.25').refine((x) => x > 0, { error: 'must be more than 0' }),
  margin: share('0.02').refine((x) => x > 0, { error: 'must be more than 0' }),
  latencyRatio: times,
})

const settingsSchema = z.strictObject({
  alpha: chance('0.01'),
  beta: chance('0.05'),
  warm: amount('seconds'),
  minDwell: amount('seconds'),
  maxSeconds: amount('seconds').optional(),
  objectives: z
    .strictObject({
      errorRate: share('0.001').optional(),
      p95Ms: amount('milliseconds').optional(),
    })
    .optional(),
  tolerance: z
    .strictObject({
      errorRatio: times.optional(),
      errorExcess: share('0.001').optional(),
      latencyRatio: times.optional(),
    })
    .optional(),
  phi: z.strictObject({ errors: times, latency: times }).optional(),
  kappa: z.union([z.literal(1), z.literal(2)], 'must be 1 or 2').optional(),
  shares: z
    .strictObject({ errors: share('0.5'), latency: share('0.5') })
    .refine(({ errors, latency }) => Math.abs(errors + latency - 1) < 1e-9, {
      error: 'must sum to 1',
    })
    .optional(),
  next: list(nextStep, 'steps'),
}) satisfies z.ZodType<JudgeSettings>

const thresholdSchema = z.strictObject({
  windowSeconds: amount('seconds').optional(),
  minRequests: amount('requests').optional(),
  limits: z.strictObject({
    errorRate: share('0.01').optional(),
    p95Ms: amount('milliseconds').optional(),
  }),
  minDwell: amount('seconds').optional(),
  warm: amount('seconds').optional(),
  maxSeconds: amount('seconds').optional(),
  next: list(z.strictObject({ weight: share('0.25') }), 'steps'),
}) satisfies z.ZodType<ThresholdSettings>

const replica = z
  .object({
    requests: amount('requests'),
    errors: amount('requests'),
    latency: list(amount('requests'), `${BUCKETS} counts`)
      .length(BUCKETS, `must have ${BUCKETS} counts, one for each bucket`)
      .optional(),
    ageSeconds: amount('seconds'),
  })
  .refine(({ requests, errors }) => errors <= requests, {
    error: 'must not have more errors than requests',
  })

const tickSchema = z.object({
  t: z.number('must be a time in seconds'),
  seconds: amount('seconds').refine((x) => x > 0, { error: 'must be more than 0' }),
  weight: share('0.05'),
  canary: list(replica, 'instances'),
  baseline: list(replica, 'instances'),
}) satisfies z.ZodType<Tick>

/**
 * Settings from outside, checked: of the threshold judge where they have `limits`.
 * @param place where they stand, for the message: `ticks.jsonl:1`
 * @throws AnalysisError `judge-settings-invalid`
 */
export function parseJudgeSettings(value: unknown, place: string): AnyJudgeSettings {
  const hasLimits = typeof value === 'object' && value !== null && 'limits' in value
  const parsed = (hasLimits ? thresholdSchema : settingsSchema).safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid('judge-settings-invalid', { place, issues: parsed.error.issues })
}

/**
 * A tick from outside, checked.
 * @param after time of the tick before; null: there is none
 * @throws AnalysisError `tick-invalid`
 */
export function parseTick(value: unknown, place: string, after: number | null): Tick {
  const parsed = tickSchema.safeParse(value)
  if (!parsed.success) {
    throw invalid('tick-invalid', { place, issues: parsed.error.issues })
  }
  if (after !== null && parsed.data.t <= after) {
    throw new AnalysisError({
      code: 'tick-invalid',
      fault: 'input',
      message: `${place}: t is ${parsed.data.t} after ${after}: ticks must come in order, each later than the one before`,
    })
  }
  return parsed.data
}

export type TickFileLine =
  | { readonly kind: 'settings'; readonly settings: AnyJudgeSettings }
  | { readonly kind: 'tick'; readonly tick: Tick }

/**
 * The lines of a tick file as they come: JSON, the settings first, then ticks in order. Blank lines
 * are passed over.
 * @param name what the file is called in messages
 * @throws AnalysisError `judge-settings-invalid`, `tick-invalid` naming the line; `ticks-missing`
 */
export async function* readTickFile(
  lines: AsyncIterable<string> | Iterable<string>,
  name: string,
): AsyncGenerator<TickFileLine> {
  let number = 0
  let isOpen = false
  let after: number | null = null
  for await (const line of lines) {
    number += 1
    if (line.trim() === '') continue
    const place = `${name}:${number}`
    const code = isOpen ? 'tick-invalid' : 'judge-settings-invalid'
    const value = parseJson(line, place, code)
    if (!isOpen) {
      isOpen = true
      yield { kind: 'settings', settings: parseJudgeSettings(value, place) }
    } else {
      const tick = parseTick(value, place, after)
      after = tick.t
      yield { kind: 'tick', tick }
    }
  }
  if (!isOpen) throw empty(name)
}

function parseJson(line: string, place: string, code: AnalysisErrorCode): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new AnalysisError({
      code,
      fault: 'input',
      message: `${place}: not JSON (${cause instanceof Error ? cause.message : String(cause)}); each line must be one JSON object, ${code === 'tick-invalid' ? TICK : SETTINGS}`,
      cause,
    })
  }
}

const SETTINGS =
  'the first one the settings: {"alpha":0.01,"beta":0.05,"warm":30,"minDwell":0,"next":[{"weight":1,"margin":0.005,"latencyRatio":1.5}]}'
const TICK =
  'a tick: {"t":0,"seconds":1,"weight":0.05,"canary":[{"requests":5,"errors":0,"ageSeconds":1}],"baseline":[…]}'

function empty(name: string): AnalysisError {
  return new AnalysisError({
    code: 'ticks-missing',
    fault: 'input',
    message: `${name}:1: it is empty; each line must be one JSON object, ${SETTINGS}`,
  })
}

function invalid(
  code: AnalysisErrorCode,
  fault: {
    readonly place: string
    readonly issues: readonly z.core.$ZodIssue[]
  },
): AnalysisError {
  const wrong = fault.issues.map((issue) => `${pathOf(issue.path)}${words(issue)}`)
  const right = code === 'tick-invalid' ? TICK : SETTINGS
  return new AnalysisError({
    code,
    fault: 'input',
    message: `${fault.place}: ${wrong.join('; ')}. Expected is ${right}`,
  })
}

function words(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown key ${issue.keys.join(', ')}`
  if (issue.code === 'invalid_type' && issue.expected === 'object') return 'must be an object'
  return issue.message
}

function pathOf(path: readonly PropertyKey[]): string {
  const text = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
  return text === '' ? '' : `${text.replace(/^\./, '')}: `
}
