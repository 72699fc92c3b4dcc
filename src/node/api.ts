import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import type { MetricSource } from '../analysis/index.ts'
import { asSlipwayError } from '../errors/index.ts'
import type { Platform, WorkloadRef } from '../platform/index.ts'
import { scaleSchema, workloadSchema } from '../platform/local/index.ts'
import type { TrafficRouter } from '../traffic/index.ts'
import { NodeError } from './node-error.ts'
import { type NodeHealth, splitSchema, type WorkloadView } from './wire.ts'

export type NodeParts = {
  readonly platform: Platform
  readonly traffic: TrafficRouter
  readonly metrics: MetricSource
  /** All counters as Prometheus text. */
  readonly prometheus: () => Promise<string>
  readonly health: () => NodeHealth
}

const WORKLOAD = '/workloads/:environment/:service'

const afterSchema = z.coerce.number().default(0)

/** The three seams over HTTP: each route is one method of one of them. */
export function nodeApi(parts: NodeParts): Hono {
  const { platform, traffic, metrics } = parts
  const api = new Hono()
  api.get('/health', (c) => c.json(parts.health()))
  api.get('/metrics', async (c) => c.text(await parts.prometheus()))
  api.get('/events', async (c) => c.json(await platform.events(afterOf(c))))
  api.get('/workloads', async (c) => c.json(await viewAll(parts)))
  api.get(WORKLOAD, async (c) => c.json(await platform.observe(workloadOf(c))))
  api.put(`${WORKLOAD}/scale`, async (c) => {
    await platform.scale(workloadOf(c), await bodyOf(c, scaleSchema))
    return c.body(null, 204)
  })
  api.get(`${WORKLOAD}/split`, async (c) => c.json(await traffic.observe(workloadOf(c))))
  api.put(`${WORKLOAD}/split`, async (c) => {
    await traffic.setSplit(workloadOf(c), await bodyOf(c, splitSchema))
    return c.body(null, 204)
  })
  api.delete(`${WORKLOAD}/split`, async (c) => {
    await traffic.remove(workloadOf(c))
    return c.body(null, 204)
  })
  api.get(`${WORKLOAD}/address`, async (c) => c.json(await traffic.address(workloadOf(c))))
  api.get(`${WORKLOAD}/ticks`, async (c) => c.json(await metrics.ticks(workloadOf(c), afterOf(c))))
  api.notFound((c) =>
    refuse(
      c,
      new NodeError({
        code: 'request-invalid',
        fault: 'input',
        message: `the node knows no ${c.req.method} ${c.req.path}: node and client may be of different versions`,
      }),
    ),
  )
  api.onError((error, c) => refuse(c, error))
  return api
}

/** The workloads that the platform holds. */
async function viewAll({ platform, traffic }: NodeParts): Promise<readonly WorkloadView[]> {
  const workloads = await platform.list()
  return await Promise.all(
    workloads.map(async (workload) => ({
      workload,
      platform: await platform.observe(workload),
      split: await traffic.observe(workload),
      address: await traffic.address(workload),
    })),
  )
}

function workloadOf(c: Context): WorkloadRef {
  return checked(workloadSchema, {
    environment: c.req.param('environment'),
    service: c.req.param('service'),
  })
}

function afterOf(c: Context): number {
  return checked(afterSchema, c.req.query('after'))
}

async function bodyOf<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  return checked(schema, parse(await c.req.text()))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid('its body is not JSON', cause)
  }
}

function checked<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input)
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error), parsed.error)
  return parsed.data
}

function invalid(what: string, cause: unknown): NodeError {
  return new NodeError({
    code: 'request-invalid',
    fault: 'input',
    cause,
    message: `the node cannot take this request, and changed nothing: ${what}`,
  })
}

function refuse(c: Context, error: unknown): Response {
  const known = asSlipwayError(error) ?? unexpected(error)
  const status: ContentfulStatusCode = known.fault === 'input' ? 422 : 503
  const { code, message, fault, retry } = known
  return c.json({ error: { code, message, fault, retry } }, status)
}

/** A fault of ours inside one request: told to who asked; the node goes on holding traffic. */
function unexpected(error: unknown): NodeError {
  return new NodeError({
    code: 'node-failed',
    fault: 'outside',
    retry: 'later',
    cause: error,
    message: `the node failed at this request: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  })
}
