import type { Server } from 'node:http'
import type { WorkloadRef } from '../../platform/index.ts'
import { TrafficError } from '../index.ts'
import type { Gateway } from './gateway.ts'
import { workloadKey } from './host.ts'
import type { EdgeLimits } from './limits.ts'
import { createListener, listen } from './listener.ts'
import type { Route } from './route.ts'

const LOOPBACK = '127.0.0.1'

/** Remembers the port of each workload (`environment/service`), so that addresses outlive a restart. */
export interface DirectPorts {
  load(): Readonly<Record<string, number>>
  save(ports: Readonly<Record<string, number>>): void
}

type Handler = ReturnType<Gateway['direct']>
type Listener = { readonly server: Server; readonly port: number }

/** A listener on a port of its own for each workload. */
export class DirectListeners {
  readonly #limits: EdgeLimits
  readonly #gateway: Gateway
  readonly #memory: DirectPorts | null
  readonly #open = new Map<string, Promise<Listener>>()
  #ports: Record<string, number>

  constructor(limits: EdgeLimits, gateway: Gateway, memory: DirectPorts | null) {
    this.#limits = limits
    this.#gateway = gateway
    this.#memory = memory
    this.#ports = { ...memory?.load() }
  }

  /** Opened at the first call. @throws TrafficError `listen-failed` */
  async address(route: Route): Promise<string> {
    return this.#addressOf(workloadKey(route.workload), () => this.#gateway.direct(route, false))
  }

  /** As `address`, for the revision that the split names for preview. */
  async preview(route: Route): Promise<string> {
    return this.#addressOf(previewKey(route.workload), () => this.#gateway.direct(route, true))
  }

  async #addressOf(key: string, handler: () => Handler): Promise<string> {
    let opening = this.#open.get(key)
    if (opening === undefined) {
      opening = this.#start(key, handler())
      this.#open.set(key, opening)
    }
    try {
      return `http://${LOOPBACK}:${(await opening).port}`
    } catch (error) {
      this.#open.delete(key)
      throw error
    }
  }

  /** Stops listening; the port stays remembered. */
  async close(workload: WorkloadRef): Promise<void> {
    for (const key of [workloadKey(workload), previewKey(workload)]) {
      const opening = this.#open.get(key)
      this.#open.delete(key)
      if (opening !== undefined) (await opening).server.close()
    }
  }

  async servers(): Promise<readonly Server[]> {
    return (await Promise.all(this.#open.values())).map(({ server }) => server)
  }

  async #start(key: string, handler: Handler): Promise<Listener> {
    const server = createListener(this.#limits, handler)
    const port = await listenAgain(server, this.#ports[key] ?? 0)
    if (this.#ports[key] !== port) {
      this.#ports = { ...this.#ports, [key]: port }
      this.#memory?.save(this.#ports)
    }
    return { server, port }
  }
}

function previewKey(workload: WorkloadRef): string {
  return `${workloadKey(workload)} preview`
}

/** The remembered port, or any where another program has taken it since. */
async function listenAgain(server: Server, port: number): Promise<number> {
  try {
    return await listen(server, LOOPBACK, port)
  } catch (error) {
    if (port === 0 || !(error instanceof TrafficError) || error.code !== 'port-in-use') throw error
    return await listen(server, LOOPBACK, 0)
  }
}
