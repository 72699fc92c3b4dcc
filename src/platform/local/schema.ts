import { z } from 'zod'
import type { InstanceEvent, Revision, Scale, WorkloadRef } from '../platform.ts'

const name = z.string().min(1).max(200)

export const workloadSchema: z.ZodType<WorkloadRef> = z.strictObject({
  environment: name,
  service: name,
})

const envValueSchema = z.union([
  z.string(),
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
])

const seconds = z.number().min(0)

export const revisionSchema: z.ZodType<Revision> = z.strictObject({
  id: name,
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  version: z.string(),
  commit: z.string(),
  env: z.record(z.string().min(1), envValueSchema),
  needs: z.array(name),
  ready: z.strictObject({
    path: z.string().startsWith('/').nullable(),
    intervalSeconds: z.number().positive(),
    timeoutSeconds: z.number().positive(),
    deadlineSeconds: seconds,
  }),
  drainSeconds: seconds,
  stopSeconds: seconds,
  memoryBytes: z.number().int().positive().nullable(),
})

/** What `Platform.scale` is asked: each revision once. */
export const scaleSchema: z.ZodType<readonly Scale[]> = z
  .array(z.strictObject({ revision: revisionSchema, count: z.number().int().min(0).max(1000) }))
  .refine((scales) => new Set(scales.map(({ revision }) => revision.id)).size === scales.length, {
    message: 'names a revision twice',
  })

const instanceRecordSchema = z.strictObject({
  id: name,
  revision: name,
  pid: z.number().int().nullable(),
  stamp: z.string(),
  port: z.number().int(),
  startedAt: z.number(),
  restarts: z.number().int().min(0),
  draining: z.boolean(),
})

/** An instance as the state file knows it; `pid` null: it had no process when it was written. */
export type InstanceRecord = Readonly<z.infer<typeof instanceRecordSchema>>

export const eventSchema: z.ZodType<InstanceEvent> = z.strictObject({
  seq: z.number().int(),
  at: z.number(),
  workload: workloadSchema,
  instance: z.string(),
  revision: z.string(),
  kind: z.enum(['exited', 'memory-limit', 'start-failed', 'adopted', 'replaced']),
  message: z.string(),
})

const workloadRecordSchema = z.strictObject({
  workload: workloadSchema,
  desired: scaleSchema,
  instances: z.array(instanceRecordSchema),
  /** Revisions of draining instances that nobody asks for any more. */
  leaving: z.array(revisionSchema),
})

export type WorkloadRecord = Readonly<z.infer<typeof workloadRecordSchema>>

/** What the supervisor keeps on disk. Secrets are in it as references only. */
export const stateSchema = z.strictObject({
  format: z.literal(1),
  lastSeq: z.number().int().min(0),
  events: z.array(eventSchema),
  workloads: z.array(workloadRecordSchema),
})

export type State = Readonly<z.infer<typeof stateSchema>>
