import { z } from 'zod'
import { Duration, PositiveDuration } from './duration.ts'
import { Chance, Percent } from './share.ts'

const judge = z
  .enum(['sequential', 'threshold'])
  .describe(
    'Who judges: evidence that may be looked at any time, or the objectives as fixed limits over a window of a minute.',
  )
const alpha = Chance.describe('Accepted chance that a healthy canary is ever rolled back.')
const beta = Chance.describe('Accepted chance that a canary beyond its margin is promoted.')
const risk = Percent.optional().meta({
  description: 'Largest excess error rate that the whole service may be exposed to.',
  'x-default': 'planned from the traffic that the service has',
})
const warm = Duration.describe('Age of an instance from which its latency counts.')
const dwell = Duration.describe('Least time at a weight.')
const deadline = PositiveDuration.describe(
  'Time at a step after which the lack of a verdict is itself told: the step is inconclusive.',
)
const inconclusive = z
  .enum(['ask', 'promote', 'rollback'])
  .describe('What happens then: wait for a person, go on, or go back.')

/** Settings of the judge. The numbers are those of its published reference table. */
export const AnalysisFile = z
  .strictObject({
    judge: judge.prefault('sequential'),
    alpha: alpha.prefault(0.01),
    beta: beta.prefault(0.05),
    risk,
    warm: warm.prefault('30s'),
    dwell: dwell.prefault('30s'),
    deadline: deadline.prefault('30m'),
    inconclusive: inconclusive.prefault('ask'),
  })
  .prefault({})

const inherited = (key: string) => ({ 'x-default': `the project's analysis.${key}` })

/** The same settings where one environment says otherwise than the project. */
export const AnalysisOverrideFile = z
  .strictObject({
    judge: judge.optional().meta(inherited('judge')),
    alpha: alpha.optional().meta(inherited('alpha')),
    beta: beta.optional().meta(inherited('beta')),
    risk: risk.meta(inherited('risk')),
    warm: warm.optional().meta(inherited('warm')),
    dwell: dwell.optional().meta(inherited('dwell')),
    deadline: deadline.optional().meta(inherited('deadline')),
    inconclusive: inconclusive.optional().meta(inherited('inconclusive')),
  })
  .prefault({})
