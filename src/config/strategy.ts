import { z } from 'zod'
import { Duration, PositiveDuration } from './duration.ts'
import type { CanaryStep, Strategy } from './project.ts'
import { exactlyOne } from './shorthand.ts'

const Weight = z
  .number()
  .min(0.1)
  .max(100)
  .multipleOf(0.1)
  .meta({ 'x-form': 'a weight in percent from 0.1 to 100' })

const HeaderMap = z
  .record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/), z.string())
  .refine((headers) => Object.keys(headers).length === 1, { error: 'must name exactly one header' })
  .meta({ 'x-form': 'one header and its value as text, such as { x-canary: "true" }' })

const StepMap = exactlyOne({
  weight: Weight.describe('Percent of requests that the canary gets; judged before the next step.'),
  header: HeaderMap.describe('Only requests with this header go to the canary.'),
  pause: z
    .union([PositiveDuration, z.literal(true)])
    .meta({ 'x-form': 'a duration such as 10m, or true' })
    .describe('How long to wait; `true`: until a person resumes. Judging goes on meanwhile.'),
})

const Step = z
  .union([Weight, StepMap])
  .transform((step): CanaryStep => {
    if (typeof step === 'number') return { kind: 'weight', weight: step }
    if (step.weight !== undefined) return { kind: 'weight', weight: step.weight }
    if (step.header !== undefined) return headerStep(step.header)
    return { kind: 'pause', seconds: typeof step.pause === 'number' ? step.pause : null }
  })
  .meta({ 'x-form': 'a weight, or a map with weight, header or pause' })

function headerStep(headers: Readonly<Record<string, string>>): CanaryStep {
  const [name, value] = Object.entries(headers)[0] ?? ['', '']
  return { kind: 'header', name: name.toLowerCase(), value }
}

const Steps = z
  .array(Step)
  .min(1)
  .superRefine((steps, check) => {
    const weights = steps.flatMap((step) => (step.kind === 'weight' ? [step.weight] : []))
    const falling = weights.findIndex((weight, at) => at > 0 && weight <= (weights[at - 1] ?? 0))
    if (falling > 0)
      check.addIssue(
        `weights must rise, but ${weights[falling - 1]} is followed by ${weights[falling]}`,
      )
    const last = steps.at(-1)
    if (last?.kind !== 'weight' || last.weight !== 100)
      check.addIssue('must end at weight 100: add 100 as the last step')
  })

const Count = z
  .union([z.number().int().min(0), z.string().regex(/^(100|[1-9]?\d)%$/)])
  .meta({ 'x-form': 'a number of instances or a share of them such as 25%' })

const Rolling = z
  .strictObject({
    maxSurge: Count.prefault(1).describe('Instances that may run beyond the replicas meanwhile.'),
    maxUnavailable: Count.prefault(0).describe('Replicas that may be missing meanwhile.'),
  })
  .refine((rolling) => !isNone(rolling.maxSurge) || !isNone(rolling.maxUnavailable), {
    error: 'maxSurge and maxUnavailable are both 0: nothing could ever be replaced',
  })

function isNone(count: number | string): boolean {
  return count === 0 || count === '0%'
}

const BlueGreen = z.strictObject({
  hold: Duration.prefault('10m').describe('How long the old version stays up after the switch.'),
})

const Shadow = z.strictObject({
  percent: z
    .number()
    .gt(0)
    .max(100)
    .multipleOf(0.1)
    .prefault(10)
    .meta({ 'x-form': 'a percentage as a number from 0.1 to 100' })
    .describe('Percent of requests copied to the new version; its answers are thrown away.'),
  for: PositiveDuration.prefault('5m').describe('How long it is watched before it takes over.'),
})

const DEFAULT_STEPS = [5, 25, 100]

const StrategyMap = exactlyOne({
  recreate: z.strictObject({}).describe('Stop the old, then start the new: there is a gap.'),
  rolling: Rolling.describe('Replace instances a few at a time.'),
  'blue-green': BlueGreen.describe('Start all of the new beside the old, switch at once.'),
  canary: Steps.describe('Give the new version more traffic step by step, as the judge allows.'),
  shadow: Shadow.describe('Copy requests to the new version, judge it, then switch.'),
})

const Word = z.enum(['recreate', 'rolling', 'blue-green', 'canary', 'shadow'])

/** How a new version takes over: a word, or a map from the word to its settings. */
export const StrategyFile = z
  .union([
    Word.transform((word) => strategyOf(StrategyMap.parse(settingsOf(word)))),
    StrategyMap.transform(strategyOf),
  ])
  .meta({
    'x-form': 'one of recreate, rolling, blue-green, canary, shadow, or a map of one of them',
  })

function settingsOf(word: z.output<typeof Word>): z.input<typeof StrategyMap> {
  return word === 'canary' ? { canary: DEFAULT_STEPS } : { [word]: {} }
}

function strategyOf(map: z.output<typeof StrategyMap>): Strategy {
  if (map.rolling !== undefined) return { kind: 'rolling', ...map.rolling }
  if (map.canary !== undefined) return { kind: 'canary', steps: map.canary }
  if (map.shadow !== undefined)
    return { kind: 'shadow', percent: map.shadow.percent, seconds: map.shadow.for }
  const green = map['blue-green']
  return green === undefined
    ? { kind: 'recreate' }
    : { kind: 'blue-green', holdSeconds: green.hold }
}
