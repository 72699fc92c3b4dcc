import type { UnpackedArtifact } from '../../artifact/index.ts'
import type { Balancer, InstanceEvent } from '../platform.ts'
import type { Backoff } from './backoff.ts'
import type { Variables } from './environment.ts'
import type { LogLimits } from './log-file.ts'
import type { Ports } from './ports.ts'

/** What all instances of one supervisor share. */
export type Ground = {
  /** The node's folder: logs, scratch folders and state lie in it. */
  readonly folder: string
  readonly nodeId: string
  readonly balancer: Balancer
  readonly unpack: (digest: string) => Promise<UnpackedArtifact>
  readonly ports: Ports
  /** The node's own environment, from which secrets are read. */
  readonly env: Variables
  readonly backoff: Backoff
  readonly logs: LogLimits
}

export type EventKind = InstanceEvent['kind']
