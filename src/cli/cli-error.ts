import { SlipwayError } from '../errors/index.ts'

/** Each is explained in docs/errors/cli.md. */
export type CliErrorCode =
  | 'serve-unreachable'
  | 'bad-option'
  | 'refused'
  | 'answer-is-no'
  | 'not-a-checkout'

/** What the command line itself refuses, or what the control plane answered. */
export class CliError extends SlipwayError<CliErrorCode> {}
