import { z } from 'zod'
import type { TrafficTick } from '../analysis/index.ts'
import type { Instance, PlatformObservation } from '../platform/index.ts'
import { eventSchema, workloadSchema } from '../platform/local/index.ts'
import type { Address, Split } from '../traffic/index.ts'

/** What goes over the node's socket, as JSON. Answers may hold more than is read here. */
export const splitSchema: z.ZodType<Split> = z.strictObject({
  weights: z.record(z.string().min(1), z.number().min(0).max(100)),
  header: z.strictObject({ name: z.string(), value: z.string(), revision: z.string() }).nullable(),
  mirror: z.strictObject({ revision: z.string(), percent: z.number().min(0).max(100) }).nullable(),
  preview: z.string().nullable(),
  sticky: z.boolean(),
})

const instanceSchema: z.ZodType<Instance> = z.object({
  id: z.string(),
  revision: z.string(),
  state: z.enum(['starting', 'ready', 'unready', 'draining', 'waiting']),
  ageSeconds: z.number(),
  restarts: z.number(),
  reason: z.string().nullable(),
  pid: z.number().nullable(),
  port: z.number().nullable(),
  inFlight: z.number(),
})

export const observationSchema: z.ZodType<PlatformObservation> = z.object({
  desired: z.array(z.object({ revision: z.string(), count: z.number() })),
  instances: z.array(instanceSchema),
})

export const addressSchema: z.ZodType<Address> = z.object({
  host: z.string(),
  direct: z.string(),
  preview: z.string(),
  directPreview: z.string().nullable(),
})

const tickSchema: z.ZodType<TrafficTick> = z.object({
  t: z.number(),
  seconds: z.number(),
  revisions: z.record(
    z.string(),
    z.array(
      z.object({
        requests: z.number(),
        errors: z.number(),
        latency: z.array(z.number()).optional(),
        ageSeconds: z.number(),
      }),
    ),
  ),
})

export const ticksSchema = z.array(tickSchema)
export const eventsSchema = z.array(eventSchema)

/** Everything about one workload in one look. */
export const workloadViewSchema = z.object({
  workload: workloadSchema,
  platform: observationSchema,
  /** Null: no route. */
  split: splitSchema.nullable(),
  address: addressSchema.nullable(),
})

export type WorkloadView = Readonly<z.infer<typeof workloadViewSchema>>

export const healthSchema = z.object({
  pid: z.number(),
  /** Port of the edge's shared listener. */
  port: z.number(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  /** State folder. */
  root: z.string(),
  /** What the node cannot do at the moment (write its state); null: nothing. */
  problem: z.string().nullable(),
})

export type NodeHealth = Readonly<z.infer<typeof healthSchema>>

/** An error as data: it is the same error again on the other side. */
export const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    fault: z.enum(['input', 'outside']),
    retry: z.enum(['now', 'later', 'never']),
  }),
})
