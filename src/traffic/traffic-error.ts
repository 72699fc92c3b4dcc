import { SlipwayError } from '../errors/index.ts'

export type TrafficErrorCode = 'split-invalid' | 'host-taken' | 'port-in-use' | 'listen-failed'

/** Each code has a paragraph in docs/errors/traffic.md. */
export class TrafficError extends SlipwayError<TrafficErrorCode> {}
