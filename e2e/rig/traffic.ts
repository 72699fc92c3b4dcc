import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { type Load, type LoadSnapshot, startLoad } from '../../src/demo/load.ts'
import { sumBy } from '../../src/demo/load-tally.ts'

export type TrafficOptions = {
  /** Port of the edge. */
  readonly port: number
  /** `web.production` */
  readonly host: string
  /** Default 160. */
  readonly ratePerSecond?: number
}

/** Clients of a service at a fixed rate: reads, and writes with an Idempotency-Key. */
export class Traffic {
  readonly #load: Load

  constructor({ port, host, ratePerSecond = 160 }: TrafficOptions) {
    const at = { origin: `http://127.0.0.1:${port}`, host: `${host}.localhost:${port}` }
    this.#load = startLoad({
      targets: [
        { kind: 'reads', weight: 70, ...at, request: () => ({ method: 'GET', path: '/read' }) },
        { kind: 'writes', weight: 30, ...at, request: keyedWrite },
      ],
      ratePerSecond,
      agentConnections: 64,
      timeoutMs: 8000,
      seed: 1,
    })
  }

  snapshot(): LoadSnapshot {
    return this.#load.snapshot()
  }

  /** Goes on for so many seconds, so that the judge knows what is usual. */
  lasting(seconds: number): Promise<void> {
    return sleep(seconds * 1000)
  }

  /** Sends no more and waits for what is in flight. Repeating changes nothing. */
  stop(): Promise<LoadSnapshot> {
    return this.#load.stop()
  }
}

function keyedWrite() {
  const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() }
  return { method: 'POST' as const, path: '/write', headers, body: '{"what":"a thing"}' }
}

/** Version that answered (`none`: nobody) → failed requests; versions without one are left out. */
export function failuresByVersion(load: LoadSnapshot): Readonly<Record<string, number>> {
  const sums = Object.entries(sumBy(load.rows, ({ version }) => version ?? 'none'))
  return Object.fromEntries(
    sums.flatMap(([version, { failed }]) => (failed > 0 ? [[version, failed]] : [])),
  )
}

/** Version → requests that it answered well. */
export function servedByVersion(load: LoadSnapshot): Readonly<Record<string, number>> {
  const sums = Object.entries(sumBy(load.rows, ({ version }) => version ?? 'none'))
  return Object.fromEntries(sums.map(([version, { total, failed }]) => [version, total - failed]))
}

export type Answer = {
  readonly status: number
  /** As the instance that answered calls itself; null: none answered, or it did not say. */
  readonly version: string | null
  /** The cookie that the client is to send from now on; null: none was given. */
  readonly cookie: string | null
}

/** One request. */
export async function ask(
  { port, host }: Pick<TrafficOptions, 'port' | 'host'>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const {
    statusCode,
    headers: answered,
    body,
  } = await request(`http://127.0.0.1:${port}/ask`, {
    headers: { host: `${host}.localhost:${port}`, ...headers },
  })
  await body.dump()
  const version = answered['x-shop-version']
  const cookie = [answered['set-cookie']].flat()[0]?.split(';')[0]
  return {
    status: statusCode,
    version: typeof version === 'string' ? version : null,
    cookie: cookie ?? null,
  }
}
