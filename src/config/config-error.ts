import { SlipwayError } from '../errors/index.ts'
import type { Problem } from './problem.ts'

type Fields = ConstructorParameters<typeof SlipwayError<ConfigErrorCode>>[0]

export type ConfigErrorCode =
  | 'project-file-missing'
  | 'project-file-unreadable'
  | 'project-file-wrong'
  | 'project-file-exists'
  | 'project-path-unknown'
  | 'no-service-found'
  | 'schema-not-written'

/** What went wrong about `slipway.yaml`; `problems` are all that a wrong file has, else empty. */
export class ConfigError extends SlipwayError<ConfigErrorCode> {
  readonly problems: readonly Problem[]

  constructor(fields: Fields, problems: readonly Problem[] = []) {
    super(fields)
    this.problems = problems
  }
}

/** The error as a ConfigError, or null when it is another. */
export function asConfigError(error: unknown): ConfigError | null {
  return error instanceof ConfigError ? error : null
}
