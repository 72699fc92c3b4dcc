import { SlipwayError } from '../errors/index.ts'

export type CliErrorCode = 'serve-unreachable' | 'bad-option' | 'refused' | 'not-a-checkout'

/** What the command line itself refuses, or what the control plane answered. */
export class CliError extends SlipwayError<CliErrorCode> {}
