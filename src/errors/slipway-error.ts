/** Whose move it is: `input` what the user wrote (exit 2), `outside` the world (exit 3). */
export type Fault = 'input' | 'outside'

/** What a loop does with it: at once, with backoff, or not before something changes. */
export type Retry = 'now' | 'later' | 'never'

export interface SlipwayErrorFields<Code extends string> {
  readonly code: Code
  /** What is wrong, which thing, and what to do. Never holds a secret. */
  readonly message: string
  readonly fault: Fault
  readonly retry?: Retry
  readonly cause?: unknown
}

/**
 * The base of each room's one error class: `class GitError extends SlipwayError<GitErrorCode> {}`.
 * Each code has a paragraph in docs/errors/ROOM.md; test/errors.test.ts compares the lists.
 */
export class SlipwayError<Code extends string = string> extends Error {
  readonly code: Code
  readonly fault: Fault
  readonly retry: Retry

  constructor(fields: SlipwayErrorFields<Code>) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.name = new.target.name
    this.code = fields.code
    this.fault = fields.fault
    this.retry = fields.retry ?? 'never'
  }
}

/** The error as a SlipwayError, or null when nobody expected it. */
export function asSlipwayError(error: unknown): SlipwayError | null {
  return error instanceof SlipwayError ? error : null
}
