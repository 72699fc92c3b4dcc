import { SlipwayError } from '../errors/index.ts'

/** Each code has its paragraph in docs/errors/node.md. */
export type NodeErrorCode =
  | 'node-in-use'
  | 'port-in-use'
  | 'node-unreachable'
  | 'node-failed'
  | 'request-invalid'
  | 'routes-unreadable'
  | 'routes-not-saved'

export class NodeError extends SlipwayError<NodeErrorCode> {}
