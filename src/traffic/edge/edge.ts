import type { Server } from 'node:http'
import type { MetricSource, TrafficTick } from '../../analysis/index.ts'
import type { Balancer, Endpoint as EndpointSpec, WorkloadRef } from '../../platform/index.ts'
import type { Address, Split, TrafficRouter } from '../index.ts'
import { createClock } from './clock.ts'
import { DirectListeners, type DirectPorts } from './direct-listeners.ts'
import type { Suspect } from './endpoint.ts'
import { createExposition } from './exposition.ts'
import { Gateway } from './gateway.ts'
import { hostOf, previewHostOf } from './host.ts'
import { DEFAULT_LIMITS, type EdgeLimits } from './limits.ts'
import { createListener, listen } from './listener.ts'
import { Route } from './route.ts'
import { RouteTable } from './route-table.ts'
import { parseSplit } from './split.ts'
import { Ticker } from './ticker.ts'

export type EdgeOptions = {
  /** Address of the shared listener. Default 127.0.0.1. */
  readonly host?: string
  /** Port of the shared listener; 0: any free one. Default 0. */
  readonly port?: number
  /** Absent: each start gives workloads new ports of their own. */
  readonly directPorts?: DirectPorts
  readonly limits?: Partial<EdgeLimits>
  /** Wall clock in milliseconds since 1970. Default Date.now. */
  readonly now?: () => number
}

/** The built-in edge: splits requests, knows instances, counts what they answered. */
export interface Edge extends TrafficRouter, Balancer, MetricSource {
  /** Opens the shared listener. @throws TrafficError `port-in-use`, `listen-failed` */
  listen(): Promise<void>
  /** Port of the shared listener; 0 before `listen`. */
  readonly port: number
  /** All counters as Prometheus text. */
  metrics(): Promise<string>
  /** Told of each instance that passive ejection takes out. Returns what ends it. */
  onSuspect(listener: (suspect: Suspect) => void): () => void
  /**
   * Takes no new connection, lets requests under way finish within `drainSeconds`, cuts what is left.
   * Idle connections are closed at once.
   */
  close(options: { readonly drainSeconds: number }): Promise<void>
}

export function createEdge(options: EdgeOptions = {}): Edge {
  return new BuiltInEdge(options)
}

class BuiltInEdge implements Edge {
  port = 0
  readonly #host: string
  readonly #wantedPort: number
  readonly #table: RouteTable
  readonly #gateway: Gateway
  readonly #server: Server
  readonly #direct: DirectListeners
  readonly #ticker: Ticker
  readonly #metrics: { metrics(): Promise<string> }
  readonly #suspectListeners = new Set<(suspect: Suspect) => void>()

  constructor({ host = '127.0.0.1', port = 0, directPorts, limits, now = Date.now }: EdgeOptions) {
    const allLimits = { ...DEFAULT_LIMITS, ...limits }
    const clock = createClock(now)
    const onSuspect = (suspect: Suspect) => {
      for (const listener of this.#suspectListeners) listener(suspect)
    }
    this.#host = host
    this.#wantedPort = port
    this.#table = new RouteTable(
      (workload) => new Route({ workload, limits: allLimits, onSuspect }, clock),
    )
    this.#gateway = new Gateway(allLimits, this.#table)
    this.#server = createListener(allLimits, (req, res, upgrade) =>
      this.#gateway.byHost(req, res, upgrade),
    )
    this.#direct = new DirectListeners(allLimits, this.#gateway, directPorts ?? null)
    this.#ticker = new Ticker(clock, () => this.#table.withRemoved())
    this.#metrics = createExposition({
      routes: () => this.#table.all(),
      unrouted: () => this.#gateway.unrouted,
    })
  }

  async listen(): Promise<void> {
    this.port = await listen(this.#server, this.#host, this.#wantedPort)
    this.#ticker.start()
  }

  async setSplit(workload: WorkloadRef, split: Split): Promise<void> {
    const parsed = parseSplit(workload, split)
    this.#table.ensure(workload).setSplit(parsed)
  }

  async observe(workload: WorkloadRef): Promise<Split | null> {
    return this.#table.get(workload)?.split ?? null
  }

  async remove(workload: WorkloadRef): Promise<void> {
    this.#table.remove(workload)
    await this.#direct.close(workload)
  }

  async address(workload: WorkloadRef): Promise<Address | null> {
    const route = this.#table.get(workload)
    if (route?.split == null) return null
    return {
      host: `http://${hostOf(workload)}:${this.port}`,
      direct: await this.#direct.address(route),
      preview: `http://${previewHostOf(workload)}:${this.port}`,
      directPreview: route.split.preview === null ? null : await this.#direct.preview(route),
    }
  }

  update(workload: WorkloadRef, endpoints: readonly EndpointSpec[]): void {
    if (endpoints.length === 0 && this.#table.get(workload) === null) return
    this.#table.ensure(workload).update(endpoints)
  }

  inFlight(instance: string): number {
    let count = 0
    for (const route of this.#table.withRemoved()) count += route.inFlight(instance)
    return count
  }

  async directAddress(workload: WorkloadRef): Promise<string> {
    return await this.#direct.address(this.#table.ensure(workload))
  }

  async ticks(workload: WorkloadRef, after: number): Promise<readonly TrafficTick[]> {
    return this.#table.get(workload)?.ticks.after(after) ?? []
  }

  async metrics(): Promise<string> {
    return await this.#metrics.metrics()
  }

  onSuspect(listener: (suspect: Suspect) => void): () => void {
    this.#suspectListeners.add(listener)
    return () => this.#suspectListeners.delete(listener)
  }

  async close({ drainSeconds }: { readonly drainSeconds: number }): Promise<void> {
    this.#gateway.isClosing = true
    const sharedClosed = closeServer(this.#server)
    const direct = await this.#direct.servers()
    const closed = [sharedClosed, ...direct.map(closeServer)]
    await this.#gateway.idle(drainSeconds * 1000)
    for (const server of [this.#server, ...direct]) server.closeAllConnections()
    this.#gateway.cutUpgrades()
    for (const route of this.#table.withRemoved()) route.destroy()
    await Promise.all(closed)
    this.#ticker.stop()
  }
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
}
