import type { Environ, Probe } from '../config/index.ts'

/** Which service in which environment. */
export type WorkloadRef = { readonly environment: string; readonly service: string }

/** One version of a workload: all that an instance of it needs to run. */
export type Revision = {
  /** Hash of all below; two revisions with one id run the same. */
  readonly id: string
  /** `sha256:…` of the artifact's manifest. */
  readonly digest: string
  /** What the version calls itself to people: a tag, or the commit's first twelve digits. */
  readonly version: string
  readonly commit: string
  readonly env: Environ
  /** Services whose addresses the instance is given, as `NAME_URL`. */
  readonly needs: readonly string[]
  readonly ready: Probe
  readonly drainSeconds: number
  readonly stopSeconds: number
  readonly memoryBytes: number | null
}

/**
 * - `starting`: the process runs, its probe has not passed yet
 * - `ready`: may take traffic
 * - `unready`: was ready, its probe fails now
 * - `draining`: takes no new request, finishes those it has
 * - `waiting`: it exited and will be started again after a backoff
 */
export type InstanceState = 'starting' | 'ready' | 'unready' | 'draining' | 'waiting'

export type Instance = {
  readonly id: string
  readonly revision: string
  readonly state: InstanceState
  /** Seconds since its process was started. */
  readonly ageSeconds: number
  /** Times it ended without having been told to. */
  readonly restarts: number
  /** Why it last ended or why it is not ready, in words; null: nothing to say. */
  readonly reason: string | null
  readonly pid: number | null
  readonly port: number | null
  /** Requests it is answering now. */
  readonly inFlight: number
}

export type Scale = { readonly revision: Revision; readonly count: number }

/** Something that happened to instances without Slipway's asking. */
export type InstanceEvent = {
  /** Strictly growing per platform; ask for what came after. */
  readonly seq: number
  readonly at: number
  readonly workload: WorkloadRef
  readonly instance: string
  readonly revision: string
  readonly kind: 'exited' | 'memory-limit' | 'start-failed' | 'adopted' | 'replaced'
  readonly message: string
}

/** What runs instances. Every implementation passes `platform.contract.ts`. */
export interface Platform {
  /** Asks that exactly these run; a revision that is not named goes to 0. Repeating changes nothing. */
  scale(workload: WorkloadRef, desired: readonly Scale[]): Promise<void>
  /** What was last asked, and the instances there are, draining ones included. */
  observe(workload: WorkloadRef): Promise<PlatformObservation>
  /** Events after `seq`, oldest first. */
  events(after: number): Promise<readonly InstanceEvent[]>
  /** Workloads that the platform holds at all, so that what nobody wants any more can be found. */
  list(): Promise<readonly WorkloadRef[]>
}

export type PlatformObservation = {
  readonly desired: readonly { readonly revision: string; readonly count: number }[]
  readonly instances: readonly Instance[]
}

/** An instance as traffic sees it. Only `ready` ones get new requests; `draining` ones finish what they have. */
export type Endpoint = {
  readonly instance: string
  readonly revision: string
  readonly host: string
  readonly port: number
  readonly state: 'ready' | 'draining'
  /** Milliseconds since 1970 at which its process was started. */
  readonly startedAt: number
}

/** What hands requests to instances, as the platform sees it: told who there is, asked who is still busy. */
export interface Balancer {
  /** The whole list of the workload's endpoints; in force when it returns. */
  update(workload: WorkloadRef, endpoints: readonly Endpoint[]): void
  /** Requests (upgraded connections too) that the instance is answering now. */
  inFlight(instance: string): number
  /** Stable address of a workload for programs, `http://127.0.0.1:PORT`, whether it has a route yet or not. */
  directAddress(workload: WorkloadRef): Promise<string>
}
