import { validRange } from 'semver'
import { z } from 'zod'
import { Duration, PositiveDuration } from './duration.ts'
import { EnvironMap } from './environ.ts'
import { Glob, Name, RelativePath, Text } from './name.ts'
import { ObjectivesOverrideFile } from './objectives.ts'
import { ProbeFile } from './probe.ts'
import { listOf } from './shorthand.ts'
import { SidecarMap } from './sidecar.ts'
import { Size } from './size.ts'

/** At least one replica: an environment that shall not run a service has no release of it. */
export const Replicas = z.number().int().min(1).max(1000)

const Range = z
  .string()
  .refine((range) => validRange(range) !== null, {
    error: 'is not a range of versions: write one such as ">=1.2" or "^2.0.0"',
  })
  .meta({ 'x-form': 'a range of versions as text such as ">=1.2"' })

const NeedsFile = z
  .union([
    z.array(Name).transform((names) => Object.fromEntries(names.map((name) => [name, '*']))),
    z.record(Name, Range),
  ])
  .prefault([])
  .meta({ 'x-form': 'a list of services, or a map from service to range of versions' })

const BuildDetails = z.strictObject({
  run: Text.optional().meta({
    description: 'Command that builds it, run in its path.',
    'x-default': 'none: the sources are what runs',
  }),
  output: listOf(RelativePath)
    .prefault('.')
    .describe('Paths, relative to its own, that go into the artifact.'),
  dependencies: listOf(RelativePath)
    .prefault('node_modules')
    .describe(
      'Paths of what it needs at run time, a layer of their own; of node_modules only what is not for development, and nothing when there is none.',
    ),
  env: EnvironMap.describe("Variables of the build's environment."),
  timeout: PositiveDuration.prefault('10m').describe('How long the build may take.'),
})

const BuildFile = z
  .union([Text.transform((run) => BuildDetails.parse({ run })), BuildDetails])
  .prefault({})

const TestDetails = z.strictObject({
  run: Text.describe('Command that tests it, run in its path.'),
  env: EnvironMap.describe("Variables of the test's environment."),
  services: SidecarMap.describe('Programs that must be there while it runs, a database for one.'),
  timeout: PositiveDuration.prefault('10m').describe('How long the test may take.'),
  retries: z
    .number()
    .int()
    .min(0)
    .max(10)
    .prefault(0)
    .describe('How often a failure is tried again.'),
})

const TestFile = z.union([Text.transform((run) => TestDetails.parse({ run })), TestDetails])

/** One deployable unit of the repository. */
export const ServiceFile = z.strictObject({
  path: RelativePath.describe('Folder of the service, relative to slipway.yaml.'),
  start: Text.describe(
    'Command that starts an instance, run in the artifact, with PORT in its environment.',
  ),
  needs: NeedsFile.describe(
    'Services that it calls, with the range of versions that it can talk to; their addresses are in its environment as NAME_URL.',
  ),
  inputs: listOf(Glob)
    .prefault([])
    .describe(
      'Patterns, relative to slipway.yaml, of files outside its path that it is made of too.',
    ),
  install: Text.optional().meta({
    description: 'Command that fetches what build and test need, run in its path.',
    'x-default': 'none: nothing to fetch',
  }),
  build: BuildFile.describe(
    'How it is built, by the builder `layers`: an image without any daemon.',
  ),
  test: TestFile.optional().meta({
    description: 'How it is tested, before a release.',
    'x-default': 'none: a release waits for no test of it',
  }),
  port: z.number().int().min(1).max(65535).optional().meta({
    description:
      'Port that it listens on by custom. An instance is given its own in PORT and must listen there.',
    'x-default': 'none told',
  }),
  ready: ProbeFile.describe('When an instance can take traffic: an HTTP path, or a map.'),
  drain: Duration.prefault('10s').describe(
    'How long an instance may go on answering after traffic has left it.',
  ),
  stop: Duration.prefault('10s').describe('How long it may take to end after SIGTERM.'),
  memory: Size.optional().meta({
    description: 'Most memory of an instance; one that takes more is started again.',
    'x-default': 'no limit',
  }),
  replicas: Replicas.optional().meta({
    description: 'Instances that run.',
    'x-default': "the project's replicas",
  }),
  sticky: z
    .boolean()
    .prefault(false)
    .describe(
      'Whether a client keeps the version that it met first during a rollout, by a cookie.',
    ),
  env: EnvironMap.describe("Variables of an instance's environment."),
  api: RelativePath.optional().meta({
    description: 'Its OpenAPI file, relative to its path; a change of it affects who needs it.',
    'x-default': 'none',
  }),
  objectives: ObjectivesOverrideFile.describe(
    'What it promises where that is not what all promise.',
  ),
})
