import type { IncomingMessage } from 'node:http'
import type { Endpoint as EndpointSpec, WorkloadRef } from '../../platform/index.ts'
import type { Split } from '../index.ts'
import type { Clock } from './clock.ts'
import { Dice } from './dice.ts'
import { Endpoint, type EndpointContext } from './endpoint.ts'
import { Group } from './group.ts'
import { readSticky, stickyCookieName } from './sticky.ts'
import { Tally } from './tally.ts'
import { TickRing } from './tick-ring.ts'

/** How long a revision's counters outlive it, so that whoever scrapes them sees the last ones. */
const KEEP_COUNTERS_MS = 900_000
const NONE: readonly Endpoint[] = []

/** One workload at the edge: its split, its instances, and which of them a request goes to. */
export class Route {
  readonly workload: WorkloadRef
  readonly cookieName: string
  readonly ticks = new TickRing()
  /** What clients saw, retries and copies aside. */
  readonly answers = new Tally()
  readonly groups = new Map<string, Group>()
  /** Endpoints that are listed, by instance. */
  readonly listed = new Map<string, Endpoint>()
  /** Endpoints that are listed no more and still have requests, or counts that no tick has taken. */
  readonly leaving = new Set<Endpoint>()
  split: Split | null = null
  mirrored = 0
  readonly #dice = new Dice()
  readonly #mirrorDice = new Dice()
  readonly #context: EndpointContext
  readonly #clock: Clock
  #weighted: readonly Group[] = []
  #headerName: string | null = null

  constructor(context: EndpointContext, clock: Clock) {
    this.workload = context.workload
    this.cookieName = stickyCookieName(context.workload)
    this.#context = context
    this.#clock = clock
  }

  setSplit(split: Split): void {
    this.split = split
    this.#headerName = split.header?.name.toLowerCase() ?? null
    this.#regroup()
  }

  /** The whole list of endpoints; what is no longer in it finishes what it has. */
  update(specs: readonly EndpointSpec[]): void {
    const wanted = new Map(specs.map((spec) => [spec.instance, spec]))
    for (const [instance, endpoint] of this.listed) {
      const spec = wanted.get(instance)
      if (spec === undefined || !endpoint.isSame(spec)) this.#dismiss(endpoint)
    }
    for (const spec of wanted.values()) this.#admit(spec)
    this.#regroup()
  }

  /** Requests that an instance is answering. */
  inFlight(instance: string): number {
    let count = this.listed.get(instance)?.inFlight ?? 0
    for (const endpoint of this.leaving)
      if (endpoint.instance === instance) count += endpoint.inFlight
    return count
  }

  /** The revision whose header the request carries, or that its client has had so far; null: neither. */
  bound(req: IncomingMessage): Group | null {
    const { split } = this
    if (split === null) return null
    if (split.header !== null && this.#headerName !== null) {
      if (req.headers[this.#headerName] === split.header.value) {
        return this.groups.get(split.header.revision) ?? null
      }
    }
    if (!split.sticky) return null
    const revision = readSticky(req.headers.cookie, this.cookieName)
    const group = revision === null ? undefined : this.groups.get(revision)
    return group !== undefined && group.weight > 0 ? group : null
  }

  /** An instance by weight; null: no weighted revision has one that was not tried yet. */
  draw(nowMs: number, tried: readonly Endpoint[] = NONE): Endpoint | null {
    return this.#drawAmong(nowMs, tried, false) ?? this.#drawAmong(nowMs, tried, true)
  }

  /** Another instance for the same request: of the same revision, else by weight. */
  drawAgain(nowMs: number, tried: readonly Endpoint[]): Endpoint | null {
    const same = this.groups.get(tried[0]?.revision ?? '')
    return same?.leastBusy(nowMs, tried, false) ?? this.draw(nowMs, tried)
  }

  /** The instance that gets a copy of this request; null: it is not to be copied. */
  drawMirror(nowMs: number): Endpoint | null {
    const mirror = this.split?.mirror
    if (mirror === null || mirror === undefined) return null
    if (this.#mirrorDice.next() * 100 >= mirror.percent) return null
    if (this.mirrored >= this.#context.limits.mirrored) return null
    return this.groups.get(mirror.revision)?.leastBusy(nowMs, NONE, false) ?? null
  }

  /** Drops revisions that nothing has named for a while. */
  forgetGroups(nowMs: number): void {
    if (this.groups.size === 0) return
    const used = this.#named()
    for (const endpoint of this.leaving) used.add(endpoint.revision)
    for (const group of this.groups.values()) {
      if (used.has(group.revision)) group.unusedSinceMs = null
      else group.unusedSinceMs ??= nowMs
      if (group.unusedSinceMs === null) continue
      if (nowMs - group.unusedSinceMs > KEEP_COUNTERS_MS) this.groups.delete(group.revision)
    }
  }

  /** Forgets all; requests under way finish. */
  remove(): void {
    for (const endpoint of this.listed.values()) this.#dismiss(endpoint)
    this.split = null
    this.#regroup()
  }

  /** Cuts every request under way. */
  destroy(): void {
    for (const endpoint of this.listed.values()) endpoint.destroy()
    for (const endpoint of this.leaving) endpoint.destroy()
  }

  #drawAmong(nowMs: number, tried: readonly Endpoint[], ejectedToo: boolean): Endpoint | null {
    let total = 0
    for (const group of this.#weighted) {
      if (group.canTake(nowMs, tried, ejectedToo)) total += group.weight
    }
    if (total === 0) return null
    let point = this.#dice.next() * total
    let last: Group | null = null
    for (const group of this.#weighted) {
      if (!group.canTake(nowMs, tried, ejectedToo)) continue
      last = group
      point -= group.weight
      if (point < 0) break
    }
    return last?.leastBusy(nowMs, tried, ejectedToo) ?? null
  }

  #admit(spec: EndpointSpec): void {
    const known = this.listed.get(spec.instance)
    if (known === undefined) {
      const ageMs = Math.max(0, this.#clock.wallMs() - spec.startedAt)
      const startedAtMs = this.#clock.monotonicMs() - ageMs
      this.listed.set(spec.instance, new Endpoint(spec, startedAtMs, this.#context))
      return
    }
    if (known.state === 'ready' && spec.state === 'draining') known.retire()
    known.state = spec.state
  }

  #dismiss(endpoint: Endpoint): void {
    this.listed.delete(endpoint.instance)
    endpoint.state = 'draining'
    endpoint.retire()
    this.leaving.add(endpoint)
  }

  #regroup(): void {
    const weights = this.split?.weights ?? {}
    for (const revision of this.#named()) {
      if (!this.groups.has(revision)) this.groups.set(revision, new Group(revision))
    }
    for (const group of this.groups.values()) {
      group.weight = weights[group.revision] ?? 0
      group.ready = [...this.listed.values()].filter(
        ({ revision, state }) => revision === group.revision && state === 'ready',
      )
    }
    this.#weighted = [...this.groups.values()].filter(({ weight }) => weight > 0)
  }

  /** Revisions that the split or an instance names. */
  #named(): Set<string> {
    const { split } = this
    const named = new Set(Object.keys(split?.weights ?? {}))
    for (const name of [split?.header?.revision, split?.mirror?.revision, split?.preview]) {
      if (name != null) named.add(name)
    }
    for (const endpoint of this.listed.values()) named.add(endpoint.revision)
    return named
  }
}
