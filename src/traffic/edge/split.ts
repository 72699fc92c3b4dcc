import { z } from 'zod'
import type { WorkloadRef } from '../../platform/index.ts'
import { type Split, TrafficError } from '../index.ts'

const TOLERANCE = 0.05
const revision = z.string().min(1)
const percent = z.number().min(0).max(100)

const schema = z.strictObject({
  weights: z.record(revision, percent),
  header: z
    .strictObject({
      name: z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not the name of a header'),
      value: z.string(),
      revision,
    })
    .nullable(),
  mirror: z.strictObject({ revision, percent }).nullable(),
  preview: revision.nullable(),
  sticky: z.boolean(),
})

/**
 * The split, frozen, or an error that says what is wrong with it.
 * @throws TrafficError `split-invalid`
 */
export function parseSplit(workload: WorkloadRef, input: unknown): Split {
  const parsed = schema.safeParse(input)
  if (!parsed.success) throw invalid(workload, z.prettifyError(parsed.error))
  const sum = Object.values(parsed.data.weights).reduce((total, weight) => total + weight, 0)
  if (Math.abs(sum - 100) > TOLERANCE) {
    throw invalid(workload, `its weights sum to ${sum}; make them sum to 100`)
  }
  return parsed.data
}

function invalid({ service, environment }: WorkloadRef, what: string): TrafficError {
  return new TrafficError({
    code: 'split-invalid',
    fault: 'input',
    message: `the split of ${service} in ${environment} cannot be used: ${what}`,
  })
}
