import { Pool } from 'undici'
import { z } from 'zod'
import type { MetricSource } from '../analysis/index.ts'
import { SlipwayError } from '../errors/index.ts'
import type { Platform, WorkloadRef } from '../platform/index.ts'
import type { TrafficRouter } from '../traffic/index.ts'
import { NodeError } from './node-error.ts'
import {
  addressSchema,
  errorSchema,
  eventsSchema,
  healthSchema,
  type NodeHealth,
  observationSchema,
  splitSchema,
  ticksSchema,
  type WorkloadView,
  workloadViewSchema,
} from './wire.ts'

/** A node in another process. Every call may throw NodeError `node-unreachable`. */
export interface ConnectedNode {
  readonly platform: Platform
  readonly traffic: TrafficRouter
  readonly metrics: MetricSource
  health(): Promise<NodeHealth>
  /** All workloads in one look. */
  view(): Promise<readonly WorkloadView[]>
  /** The edge's counters as Prometheus text. */
  prometheus(): Promise<string>
  /** Lets go of the connections; the node notices nothing. */
  close(): Promise<void>
}

const CONNECTIONS = 4
const ANSWER_MS = 15_000

/** Nothing is sent before the first call: the node may start, end and start again at any time. */
export function connectNode(socketPath: string): ConnectedNode {
  const pool = new Pool('http://node', {
    socketPath,
    connections: CONNECTIONS,
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
  })
  const send = (method: Method, path: string, body?: unknown) =>
    exchange(pool, socketPath, { method, path, body })
  const get = async <T>(path: string, schema: z.ZodType<T>) =>
    schema.parse(JSON.parse(await send('GET', path)))
  const view = () => get('/workloads', z.array(workloadViewSchema))
  return {
    platform: {
      scale: async (workload, desired) =>
        void (await send('PUT', `${pathOf(workload)}/scale`, desired)),
      observe: (workload) => get(pathOf(workload), observationSchema),
      events: (after) => get(`/events?after=${after}`, eventsSchema),
      list: async () => (await view()).map(({ workload }) => workload),
    },
    traffic: {
      setSplit: async (workload, split) =>
        void (await send('PUT', `${pathOf(workload)}/split`, split)),
      observe: (workload) => get(`${pathOf(workload)}/split`, splitSchema.nullable()),
      remove: async (workload) => void (await send('DELETE', `${pathOf(workload)}/split`)),
      address: (workload) => get(`${pathOf(workload)}/address`, addressSchema.nullable()),
    },
    metrics: {
      ticks: (workload, after) => get(`${pathOf(workload)}/ticks?after=${after}`, ticksSchema),
    },
    health: () => get('/health', healthSchema),
    view,
    prometheus: () => send('GET', '/metrics'),
    close: () => pool.close(),
  }
}

type Method = 'GET' | 'PUT' | 'DELETE'
type Message = { readonly method: Method; readonly path: string; readonly body?: unknown }

async function exchange(pool: Pool, socketPath: string, message: Message): Promise<string> {
  const answer = await ask(pool, message)
    .catch((error: unknown) => {
      // A kept connection to a node that has been started anew; all calls are safe to repeat.
      if (isStale(error)) return ask(pool, message)
      throw error
    })
    .catch((cause: unknown) => {
      throw unreachable(socketPath, cause)
    })
  if (answer.status < 400) return answer.text
  const { error } = errorSchema.parse(JSON.parse(answer.text))
  throw new SlipwayError(error)
}

async function ask(pool: Pool, { method, path, body }: Message) {
  const response = await pool.request({
    method,
    path,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  })
  return { status: response.statusCode, text: await response.body.text() }
}

function isStale(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error)) return false
  return error.code === 'UND_ERR_SOCKET' || error.code === 'ECONNRESET' || error.code === 'EPIPE'
}

function unreachable(socketPath: string, cause: unknown): NodeError {
  return new NodeError({
    code: 'node-unreachable',
    fault: 'outside',
    retry: 'later',
    cause,
    message: `no node answers at ${socketPath} (${cause instanceof Error ? cause.message : cause}): start \`slipway node\` with the same state folder`,
  })
}

function pathOf({ environment, service }: WorkloadRef): string {
  return `/workloads/${encodeURIComponent(environment)}/${encodeURIComponent(service)}`
}
