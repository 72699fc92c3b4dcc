import type { Clock } from './clock.ts'
import type { Endpoint } from './endpoint.ts'
import type { Route } from './route.ts'
import { Tally } from './tally.ts'
import { rowOf } from './tick-ring.ts'

/**
 * Closes a tick at each whole second: what was counted since the last one becomes a row per instance.
 * A late timer makes one longer tick, never two with one `t`; a jump of the wall clock changes nothing.
 */
export class Ticker {
  readonly #clock: Clock
  readonly #routes: () => Iterable<Route>
  #timer: NodeJS.Timeout | null = null
  #last: number

  constructor(clock: Clock, routes: () => Iterable<Route>) {
    this.#clock = clock
    this.#routes = routes
    this.#last = Math.floor(clock.unixMs() / 1000)
  }

  start(): void {
    const intoSecond = this.#clock.unixMs() % 1000
    this.#timer = setTimeout(() => {
      this.close()
      this.start()
    }, 1000 - intoSecond).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  /** Closes the tick of the second that has just ended; does nothing within the same second. */
  close(): void {
    const t = Math.floor(this.#clock.unixMs() / 1000)
    if (t <= this.#last) return
    const nowMs = this.#clock.monotonicMs()
    for (const route of this.#routes()) closeTick(route, { t, seconds: t - this.#last, nowMs })
    this.#last = t
  }
}

type Moment = { readonly t: number; readonly seconds: number; readonly nowMs: number }

function closeTick(route: Route, { t, seconds, nowMs }: Moment): void {
  const endpoints = [...route.listed.values(), ...route.leaving]
  const rows = endpoints
    .filter((endpoint) => endpoint.current.requests > 0 || route.listed.has(endpoint.instance))
    .map((endpoint) => rowOf(endpoint, takeCurrent(route, endpoint), nowMs))
  for (const endpoint of route.leaving) {
    if (endpoint.inFlight === 0) route.leaving.delete(endpoint)
  }
  route.forgetGroups(nowMs)
  if (rows.length > 0) route.ticks.push(t, seconds, rows)
}

function takeCurrent(route: Route, endpoint: Endpoint): Tally {
  const taken = endpoint.current
  if (taken.requests === 0) return taken
  endpoint.current = new Tally()
  endpoint.total.add(taken)
  route.groups.get(endpoint.revision)?.total.add(taken)
  return taken
}
