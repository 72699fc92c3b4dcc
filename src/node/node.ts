import { mkdir } from 'node:fs/promises'
import type { MetricSource } from '../analysis/index.ts'
import type { UnpackedArtifact } from '../artifact/index.ts'
import { asSlipwayError } from '../errors/index.ts'
import type { Home } from '../home/index.ts'
import type { Balancer } from '../platform/index.ts'
import { openSupervisor, type SupervisorOptions } from '../platform/local/index.ts'
import type { TrafficRouter } from '../traffic/index.ts'
import { nodeApi } from './api.ts'
import { type DirectPortFile, directPortFile } from './direct-port-file.ts'
import { takeLock } from './lock.ts'
import { NodeError } from './node-error.ts'
import { persistentRouter } from './persistent-router.ts'
import { openRouteFile } from './route-file.ts'
import { closeSocket, serveSocket } from './socket.ts'
import type { NodeHealth } from './wire.ts'

/** What the node needs of an edge. */
export interface NodeEdge extends TrafficRouter, Balancer, MetricSource {
  /** Opens the shared listener. */
  listen(): Promise<void>
  /** Port of the shared listener, once it is open. */
  readonly port: number
  /** All counters as Prometheus text. */
  metrics(): Promise<string>
  /** Tells of instances that answered badly, so that they are looked at at once. */
  onSuspect(listener: (suspect: { readonly instance: string }) => void): () => void
  /** Takes no new connection and lets requests under way finish. */
  close(options: { readonly drainSeconds: number }): Promise<void>
}

export type NodeOptions = {
  readonly home: Home
  /** Port of the edge's shared listener; 0: any free one. */
  readonly port: number
  readonly createEdge: (options: {
    readonly port: number
    readonly directPorts: DirectPortFile
  }) => NodeEdge
  readonly unpack: (digest: string) => Promise<UnpackedArtifact>
  /** Where secret references `{env}` are looked up; default: this process's environment. */
  readonly env?: SupervisorOptions['env']
  readonly backoff?: SupervisorOptions['backoff']
  readonly logs?: SupervisorOptions['logs']
}

export interface RunningNode {
  readonly health: NodeHealth
  /**
   * Ends the node and removes its socket. Without `leaveRunning` each instance is drained and ended;
   * with it they run on for the next node to adopt. What was asked stays on disk either way.
   * Only the first call counts; later ones wait for it.
   */
  close(options?: { readonly leaveRunning?: boolean }): Promise<void>
}

/** How long requests under way may take when the node ends. */
const EDGE_DRAIN_SECONDS = 30

/**
 * Starts the data plane of a state folder: routes as they were, instances that still run adopted, then
 * the edge opened, then what is missing started, then the socket for `serve`.
 * @throws NodeError `node-in-use`, `port-in-use`, `routes-unreadable`; PlatformError `state-unreadable`. Nothing that ran before is touched then.
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { home } = options
  await mkdir(home.node, { recursive: true, mode: 0o700 })
  const lock = takeLock(home.node)
  try {
    return await start(options, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

async function start(options: NodeOptions, release: () => void): Promise<RunningNode> {
  const { home } = options
  const startedAt = Date.now()
  const edge = options.createEdge({
    port: options.port,
    directPorts: directPortFile(home.node),
  })
  const routes = await openRouteFile(home.node)
  const router = await persistentRouter(edge, routes)
  const supervisor = await openSupervisor({
    folder: home.node,
    balancer: edge,
    unpack: options.unpack,
    whenAdopted: () => listen(edge, options.port),
    ...(options.env && { env: options.env }),
    ...(options.backoff && { backoff: options.backoff }),
    ...(options.logs && { logs: options.logs }),
  }).catch(async (error: unknown) => {
    await edge.close({ drainSeconds: 0 })
    throw error
  })
  const forget = edge.onSuspect(({ instance }) => supervisor.lookAt(instance))
  const health = (): NodeHealth => ({
    pid: process.pid,
    port: edge.port,
    startedAt,
    root: home.root,
    problem: supervisor.problem(),
  })
  const api = nodeApi({
    platform: supervisor,
    traffic: router,
    metrics: edge,
    prometheus: () => edge.metrics(),
    health,
  })
  const socket = await serveSocket(api, home.nodeSocket)
  const end = async (leaveRunning: boolean) => {
    await closeSocket(socket)
    await edge.close({ drainSeconds: EDGE_DRAIN_SECONDS })
    await supervisor.close({ leaveRunning })
    forget()
    release()
  }
  let ending: Promise<void> | null = null
  return {
    get health() {
      return health()
    },
    close({ leaveRunning = false } = {}) {
      ending ??= end(leaveRunning)
      return ending
    },
  }
}

async function listen(edge: NodeEdge, port: number): Promise<void> {
  try {
    await edge.listen()
  } catch (cause) {
    if (asSlipwayError(cause)?.code !== 'port-in-use') throw cause
    throw new NodeError({
      code: 'port-in-use',
      fault: 'outside',
      cause,
      message: `port ${port} is taken by another program: stop it, or choose another one with --port (0: any that is free)`,
    })
  }
}
