import { SlipwayError } from '../../errors/index.ts'

/** Each code has its paragraph in docs/errors/platform.md. */
export type PlatformErrorCode = 'secret-missing' | 'state-unreadable' | 'state-not-saved'

export class PlatformError extends SlipwayError<PlatformErrorCode> {}
