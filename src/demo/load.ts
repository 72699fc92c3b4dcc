import { Client, type Dispatcher, Pool } from 'undici'
import { Flight } from './load-request.ts'
import { type Failure, type Row, Tally } from './load-tally.ts'
import { pick, type Random, randomFrom } from './random.ts'

/** A kind of request, and how often it is made against the others. */
export type Target = {
  readonly kind: string
  readonly weight: number
  /** `http://127.0.0.1:8080` */
  readonly origin: string
  /** Host header: `orders.production.localhost:8080`. */
  readonly host: string
  readonly request: (random: Random) => LoadRequest
}

export type LoadRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export type LoadOptions = {
  readonly targets: readonly Target[]
  readonly ratePerSecond: number
  /** Connections per origin that are kept and used again. */
  readonly agentConnections: number
  /** Share of requests that open a connection of their own, 0..1. Default 0.02. */
  readonly freshShare?: number
  /** Default 10 000. */
  readonly timeoutMs?: number
  readonly seed: number
  /** Aborted: no more requests are sent; `stop` is still to be called. */
  readonly signal?: AbortSignal
}

export type LoadSnapshot = {
  /** Milliseconds since 1970 at which the load began. */
  readonly startedAt: number
  /** Seconds over which requests were due. */
  readonly seconds: number
  readonly sent: number
  readonly inFlight: number
  /** Requests that ended, well or not. */
  readonly total: number
  readonly failed: number
  readonly rows: readonly Row[]
  /** The first ten thousand; `failed` counts all. */
  readonly failures: readonly Failure[]
}

export interface Load {
  /** What was counted so far; may be asked at any time. */
  snapshot(): LoadSnapshot
  /** Sends no more, waits for the requests in flight, closes the connections. */
  stop(): Promise<LoadSnapshot>
}

/** How often it looks for requests that take too long, when none is due earlier. */
const LONGEST_TICK_MS = 20

/**
 * Sends requests at a fixed rate, whatever the answers: an open loop. The time of each runs from
 * when it should have been sent, so that a server that stalls is charged for everyone who waits
 * ("coordinated omission" is avoided). Nothing is sent twice.
 */
export function startLoad(options: LoadOptions): Load {
  const { targets, ratePerSecond, freshShare = 0.02, timeoutMs = 10_000, signal } = options
  const random = randomFrom(options.seed)
  const tally = new Tally()
  const inFlight = new Set<Flight>()
  const pools = new Map<string, Pool>()
  const startedAt = Date.now()
  const startMs = performance.now()
  let sent = 0
  let endMs: number | null = null
  let landed: (() => void) | null = null

  function sendDue(now: number): void {
    while (dueOf(sent) <= now) send(dueOf(sent))
  }

  /** Those in flight are in the order in which they were due: the first young one ends the search. */
  function giveUpOld(now: number): void {
    for (const flight of inFlight) {
      if (now - flight.dueMs < timeoutMs) return
      flight.timeOut()
    }
  }

  function dueOf(index: number): number {
    return startMs + (index * 1000) / ratePerSecond
  }

  function send(dueMs: number): void {
    sent += 1
    const { kind, origin, host, request } = pick(random, targets)
    const { method, path, headers, body = null } = request(random)
    const isFresh = random() < freshShare
    const client = isFresh ? new Client(origin) : poolOf(origin)
    const flight = new Flight(dueMs, (landing, { answer, failure }) => {
      inFlight.delete(landing)
      tally.count({
        kind,
        revision: answer?.revision ?? null,
        version: answer?.version ?? null,
        latencyMs: performance.now() - dueMs,
        failure,
        dueAt: startedAt + (dueMs - startMs),
      })
      if (isFresh) void client.destroy()
      if (inFlight.size === 0) landed?.()
    })
    inFlight.add(flight)
    const asked: Dispatcher.DispatchOptions = {
      method,
      path,
      headers: { host, ...headers },
      body,
      reset: isFresh,
    }
    client.dispatch(asked, flight)
  }

  function poolOf(origin: string): Pool {
    const known = pools.get(origin)
    if (known) return known
    const pool = new Pool(origin, { connections: options.agentConnections, pipelining: 1 })
    pools.set(origin, pool)
    return pool
  }

  function snapshot(): LoadSnapshot {
    const rows = tally.rows()
    const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0)
    return {
      startedAt,
      seconds: ((endMs ?? performance.now()) - startMs) / 1000,
      sent,
      inFlight: inFlight.size,
      total: sum(({ total }) => total),
      failed: sum(({ failed }) => failed),
      rows,
      failures: tally.failures(),
    }
  }

  let timer = setTimeout(tick, 0)

  function tick(): void {
    const now = performance.now()
    if (endMs === null) sendDue(now)
    giveUpOld(now)
    const untilDueMs = endMs === null ? dueOf(sent) - performance.now() : LONGEST_TICK_MS
    timer = setTimeout(tick, Math.min(Math.max(untilDueMs, 1), LONGEST_TICK_MS))
  }

  function end(): void {
    endMs ??= performance.now()
  }
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted) end()

  let stopped: Promise<void> | null = null
  async function stop(): Promise<void> {
    end()
    if (inFlight.size > 0) await new Promise<void>((resolve) => (landed = resolve))
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
    await Promise.all([...pools.values()].map((pool) => pool.destroy()))
  }

  return {
    snapshot,
    stop: async () => {
      stopped ??= stop()
      await stopped
      return snapshot()
    },
  }
}
