import { z } from 'zod'
import { AnalysisOverrideFile } from './analysis.ts'
import { Duration } from './duration.ts'
import { EnvironMap } from './environ.ts'
import { Name, Text } from './name.ts'
import { Replicas } from './service.ts'
import { exactlyOne, listOf } from './shorthand.ts'
import { StrategyFile } from './strategy.ts'

const FromFile = z
  .union([
    Text.refine((from) => from !== 'pull-request', {
      error: 'pull-request is not supported yet: name a branch or an environment',
    }),
    exactlyOne({
      branch: Text.describe('Branch whose commits come here.'),
      environment: Name.describe('Environment that a release must have passed.'),
    }),
  ])
  .meta({ 'x-form': 'a branch or an environment' })

const OverrideFile = z.strictObject({
  replicas: Replicas.optional().meta({
    description: 'Instances of this service here.',
    'x-default': "the environment's replicas, else the service's",
  }),
  env: EnvironMap.describe("Variables of this service here; they win over the environment's."),
  strategy: StrategyFile.optional().meta({
    description: 'How a new version of this service takes over here.',
    'x-default': "the environment's strategy",
  }),
})

/** A place where releases run. */
export const EnvironmentFile = z.strictObject({
  from: FromFile.describe(
    'Where its releases come from: an environment of that name if there is one, else the branch.',
  ),
  strategy: StrategyFile.prefault('rolling').describe('How a new version takes over.'),
  replicas: Replicas.optional().meta({
    description: 'Instances of each service here.',
    'x-default': "the service's replicas",
  }),
  env: EnvironMap.describe("Variables of every service here; they win over the service's own."),
  approve: listOf(Name)
    .prefault([])
    .describe('Roles; a release comes here after one approval by each of them.'),
  soak: Duration.prefault('0s').describe(
    'How long a release must have been healthy in the environment before.',
  ),
  verify: listOf(Name)
    .prefault([])
    .describe(
      "Steps of `pipeline` that run against the environment, not in the commit's pipeline; a release leaves it only if they pass.",
    ),
  services: z
    .record(Name, OverrideFile)
    .prefault({})
    .describe('Where one service differs here from the others.'),
  analysis: AnalysisOverrideFile.describe("The judge's settings where they differ here."),
})
