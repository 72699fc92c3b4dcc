import { type Dispatcher, Pool } from 'undici'
import type { Endpoint as EndpointSpec, WorkloadRef } from '../../platform/index.ts'
import type { EdgeLimits } from './limits.ts'
import { Tally } from './tally.ts'

/** Why passive ejection took an instance out, so that its supervisor can look at once. */
export type Suspect = {
  readonly workload: WorkloadRef
  readonly instance: string
  readonly revision: string
  readonly reason: string
}

export type EndpointContext = {
  readonly workload: WorkloadRef
  readonly limits: EdgeLimits
  readonly onSuspect: (suspect: Suspect) => void
}

/** One instance as the edge sees it: its connections, what it is answering, whether it can be trusted. */
export class Endpoint {
  readonly instance: string
  readonly revision: string
  readonly spec: EndpointSpec
  state: EndpointSpec['state']
  /** Requests, copies of requests and upgraded connections under way. */
  inFlight = 0
  /** What was counted since the last tick, and before it. */
  current = new Tally()
  readonly total = new Tally()
  /** Monotonic milliseconds at which its process was started. */
  readonly startedAtMs: number
  readonly #context: EndpointContext
  #pool: Pool | null = null
  /** Closed to new requests, still finishing old ones. */
  readonly #retired = new Set<Pool>()
  #failures = 0
  #pauses = 0
  #ejectedUntilMs = 0

  constructor(spec: EndpointSpec, startedAtMs: number, context: EndpointContext) {
    this.spec = spec
    this.instance = spec.instance
    this.revision = spec.revision
    this.state = spec.state
    this.startedAtMs = startedAtMs
    this.#context = context
  }

  /** Whether it is the same process at the same place, so that its connections can be kept. */
  isSame(spec: EndpointSpec): boolean {
    const own = this.spec
    return (
      own.revision === spec.revision &&
      own.host === spec.host &&
      own.port === spec.port &&
      own.startedAt === spec.startedAt
    )
  }

  isEjected(nowMs: number): boolean {
    return this.#ejectedUntilMs > nowMs
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#pool ??= this.#connect()
    this.#pool.dispatch(options, handler)
  }

  /** It gave an answer: whatever was held against it is forgotten. */
  succeeded(): void {
    this.#failures = 0
    this.#pauses = 0
    this.#ejectedUntilMs = 0
  }

  /** @param weight how much of `ejectAfter` this failure is worth; Infinity for a refused connection */
  failed(weight: number, nowMs: number, reason: string): void {
    this.#failures += weight
    const { limits, workload, onSuspect } = this.#context
    if (this.#failures < limits.ejectAfter || this.isEjected(nowMs)) return
    this.#ejectedUntilMs = nowMs + Math.min(limits.ejectMs * 2 ** this.#pauses, limits.ejectMaxMs)
    this.#pauses += 1
    onSuspect({ workload, instance: this.instance, revision: this.revision, reason })
  }

  /** Lets go of connections: idle ones now, busy ones when their request is done. */
  retire(): void {
    const pool = this.#pool
    this.#pool = null
    if (pool === null) return
    this.#retired.add(pool)
    pool.close(() => this.#retired.delete(pool))
  }

  /** Cuts what is still under way. */
  destroy(): void {
    this.retire()
    for (const pool of this.#retired) pool.destroy(() => this.#retired.delete(pool))
  }

  #connect(): Pool {
    const { limits } = this.#context
    const { host, port } = this.spec
    return new Pool(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, {
      connections: limits.connectionsPerInstance,
      pipelining: 1,
      allowH2: false,
      connectTimeout: limits.connectMs,
      headersTimeout: limits.answerMs,
      bodyTimeout: limits.idleMs,
      keepAliveTimeout: limits.reuseMs,
      keepAliveTimeoutThreshold: limits.reuseMs,
      keepAliveMaxTimeout: 30_000,
    })
  }
}
