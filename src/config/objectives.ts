import { z } from 'zod'
import { PositiveDuration } from './duration.ts'
import { Percent } from './share.ts'

const errors = Percent.optional().describe('Highest share of failed requests.')
const p95 = PositiveDuration.optional().describe('Highest 95th percentile of latency.')

/** What the service promises; a breach holds every rollout of it. */
export const ObjectivesFile = z
  .strictObject({
    errors: errors.meta({ 'x-default': 'none set' }),
    p95: p95.meta({ 'x-default': 'none set' }),
  })
  .prefault({})

/** The same where one service promises otherwise than the project. */
export const ObjectivesOverrideFile = z
  .strictObject({
    errors: errors.meta({ 'x-default': "the project's objectives.errors" }),
    p95: p95.meta({ 'x-default': "the project's objectives.p95" }),
  })
  .prefault({})
