import { z } from 'zod'
import { PositiveDuration } from './duration.ts'
import { EnvironMap, Matrix } from './environ.ts'
import { Glob, Name, Text } from './name.ts'
import { listOf } from './shorthand.ts'
import { SidecarMap } from './sidecar.ts'

/** Names of the steps that are there by themselves; each stands for that step of every service. */
export const builtInSteps = ['install', 'build', 'test', 'package'] as const

const StepName = z
  .string()
  .regex(/^([a-z][a-z0-9-]*:)?[a-z][a-z0-9-]*$/)
  .meta({ 'x-form': "a step's name, with SERVICE: before it to mean that service's" })

const StepDetails = z.strictObject({
  run: Text.describe('Command line, run by /bin/sh.'),
  services: z
    .union([z.literal('all'), z.array(Name)])
    .prefault([])
    .meta({ 'x-form': 'all, or a list of services' })
    .describe('Run once for each of these, in its path; none: once, beside slipway.yaml.'),
  needs: listOf(StepName)
    .prefault([])
    .describe(
      "Steps that must have passed; install, build, test and package stand for every service's, orders:test for one's.",
    ),
  before: listOf(StepName).prefault([]).describe('Steps that wait for this one.'),
  inputs: listOf(Glob).prefault([]).meta({
    description: 'Patterns of the files that it reads, relative to where it runs.',
    'x-default': 'all that git tracks there',
  }),
  outputs: listOf(Glob)
    .prefault([])
    .describe('Patterns of the files that it writes and that are kept, relative to where it runs.'),
  env: EnvironMap.describe('Variables of its environment.'),
  timeout: PositiveDuration.prefault('10m').describe('How long it may take.'),
  retries: z
    .number()
    .int()
    .min(0)
    .max(10)
    .prefault(0)
    .describe('How often a failure is tried again.'),
  sidecars: SidecarMap.describe('Programs that must be there while it runs.'),
  matrix: Matrix.describe('Variable → its values; one step for each combination.'),
  cache: z.boolean().prefault(true).describe('Whether an unchanged step is taken from the cache.'),
})

/** A step that the user adds: a command line, or a map. */
export const StepFile = z.union([Text.transform((run) => StepDetails.parse({ run })), StepDetails])
