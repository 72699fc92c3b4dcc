import { SlipwayError } from '../errors/index.ts'

/** Each is explained in docs/errors/cli.md. */
export type CliErrorCode =
  | 'answer-is-no'
  | 'bad-option'
  | 'log-missing'
  | 'not-a-checkout'
  | 'refused'
  | 'serve-unreachable'
  | 'unknown-environment'

/** What the command line itself refuses, or what the control plane answered. */
export class CliError extends SlipwayError<CliErrorCode> {}
