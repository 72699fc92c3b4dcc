import { z } from 'zod'
import { AnalysisFile } from './analysis.ts'
import { EnvironmentFile } from './environment.ts'
import { Glob, Name, Text } from './name.ts'
import { ObjectivesFile } from './objectives.ts'
import { Replicas, ServiceFile } from './service.ts'
import { listOf } from './shorthand.ts'
import { StepFile } from './step.ts'

/** Files at the root that, in the ecosystems we know, decide what every service is built with. */
const SHARED = [
  'package.json',
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'tsconfig*.json',
  'go.work',
  'go.work.sum',
  'uv.lock',
]

/**
 * All that a user may write in `slipway.yaml`. Validation, the JSON Schema, `slipway explain` and
 * the error messages come from here; `resolve` turns what it parsed into a Project.
 */
export const ProjectFile = z.strictObject({
  project: Name.describe('Name of the project.'),
  services: z
    .record(Name, ServiceFile)
    .refine((services) => Object.keys(services).length > 0, {
      error: 'there is none: name at least one service, or let `slipway init` find them',
    })
    .describe('The deployable units of the repository, by name.'),
  pipeline: z
    .record(Name, StepFile)
    .prefault({})
    .describe(
      'Steps besides install, build, test and package of each service, which are there by themselves.',
    ),
  environments: z
    .record(Name, EnvironmentFile)
    .prefault({})
    .describe('Where releases run, by name; none: commits are built and tested only.'),
  replicas: Replicas.prefault(2).describe(
    'Instances of each service; two, so that one answers while the other is replaced or lost.',
  ),
  objectives: ObjectivesFile.describe('What every service promises.'),
  analysis: AnalysisFile.describe('Settings of the judge of canaries.'),
  shared: listOf(Glob)
    .prefault(SHARED)
    .describe('Patterns, relative to slipway.yaml: a change there affects every service.'),
  roles: z
    .record(Name, listOf(Text))
    .prefault({})
    .describe('Role → the people in it, by the e-mail address that git knows or a login name.'),
})

/** The file as it was parsed: shorthands spelled out, units and defaults filled in. */
export type ProjectFile = z.output<typeof ProjectFile>

/** A node of the JSON Schema, with the keywords that this schema uses and the two of its own. */
export type Shape = {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minItems?: number
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly propertyNames?: Shape
  readonly additionalProperties?: Shape | boolean
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  /** The accepted values in words. */
  readonly 'x-form'?: string
  /** The default in words, where it is not one value. */
  readonly 'x-default'?: string
  /** Unit to add to a bare number. */
  readonly 'x-unit'?: string
}

let made: Shape | null = null

/** JSON Schema (draft 2020-12) of `slipway.yaml`, for editors and forms. */
export function jsonSchema(): Shape {
  made ??= {
    ...(z.toJSONSchema(ProjectFile, { io: 'input' }) as Shape),
    ...{ title: 'slipway.yaml' },
  }
  return made
}
