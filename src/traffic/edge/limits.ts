/** What the edge allows a client and an instance. Times in milliseconds, sizes in bytes. */
export type EdgeLimits = {
  /** Request head; more is answered 431. */
  readonly headerBytes: number
  /** From the first byte of a request to the end of its head; slower is answered 408. */
  readonly headerMs: number
  /** Silence on a client's connection while a request is under way. */
  readonly idleMs: number
  /** Silence between two requests of a client. Longer than common load balancers keep theirs. */
  readonly keepAliveMs: number
  /** Silence on an upgraded connection (WebSocket). */
  readonly upgradedIdleMs: number
  /** Connections per listener; more are closed at once. */
  readonly connections: number
  /** Connections to one instance; more requests wait for one of them. */
  readonly connectionsPerInstance: number
  readonly connectMs: number
  /** From a request to the head of the instance's answer; slower is answered 504. */
  readonly answerMs: number
  /** Request bodies up to this size are kept, so that they can be sent again. */
  readonly replayBytes: number
  /** Instances that one request is tried on. */
  readonly attempts: number
  /** Broken answers in a row after which an instance gets no requests for a while. A refused connection is enough alone. */
  readonly ejectAfter: number
  /** First pause of an ejected instance; each further one is twice as long. */
  readonly ejectMs: number
  readonly ejectMaxMs: number
  /** Copies of one workload's requests under way at once; more are not made. */
  readonly mirrored: number
  /**
   * Silence after which a kept connection to an instance is not used again, when the instance gave
   * no hint. Below the 2 s of the shortest common server default (gunicorn), since a connection that the
   * instance closes while a request is on its way costs a request that may not be repeated.
   */
  readonly reuseMs: number
}

export const DEFAULT_LIMITS: EdgeLimits = {
  headerBytes: 32 * 1024,
  headerMs: 10_000,
  idleMs: 300_000,
  keepAliveMs: 65_000,
  upgradedIdleMs: 600_000,
  connections: 10_000,
  connectionsPerInstance: 1024,
  connectMs: 2_000,
  answerMs: 60_000,
  replayBytes: 256 * 1024,
  attempts: 4,
  ejectAfter: 3,
  ejectMs: 1_000,
  ejectMaxMs: 30_000,
  mirrored: 128,
  reuseMs: 1_500,
}
