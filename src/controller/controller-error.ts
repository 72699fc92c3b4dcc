import { SlipwayError } from '../errors/index.ts'

export type ControllerErrorCode =
  | 'unknown-environment'
  | 'unknown-release'
  | 'unknown-rollout'
  | 'unknown-hold'
  | 'no-release'
  | 'nothing-before'
  | 'gate-closed'
  | 'not-in-role'

/** What a person asked of the control plane and cannot have. Each is explained in docs/errors/controller.md. */
export class ControllerError extends SlipwayError<ControllerErrorCode> {}
