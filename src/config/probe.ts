import { z } from 'zod'
import { PositiveDuration } from './duration.ts'

const HttpPath = z
  .string()
  .regex(/^\/\S*$/)
  .meta({ 'x-form': 'an HTTP path such as /healthz' })

const details = z.strictObject({
  path: HttpPath.optional().meta({
    description: 'HTTP path that answers 2xx once the instance can take traffic.',
    'x-default': 'none: accepting a TCP connection is enough',
  }),
  interval: PositiveDuration.prefault('1s').describe('How often it is asked.'),
  timeout: PositiveDuration.prefault('1s').describe('How long an answer may take.'),
  deadline: PositiveDuration.prefault('60s').describe(
    'How long an instance may take until it is ready for the first time.',
  ),
})

/** When an instance can take traffic: `/healthz`, or a map with path, interval, timeout, deadline. */
export const ProbeFile = z
  .union([HttpPath.transform((path) => details.parse({ path })), details])
  .prefault({})
