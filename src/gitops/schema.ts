import { z } from 'zod'
import type { Workload } from './workload.ts'

const seconds = z.number().min(0)
const text = z.string().min(1)
const percent = z.number().min(0).max(100)
const share = z.number().min(0).max(1)
const count = z.union([z.number().int().min(0), z.string().regex(/^\d+(\.\d+)?%$/)])

const EnvValueSchema = z.union([
  z.string(),
  z.strictObject({ env: text }),
  z.strictObject({ file: text }),
])

const CanaryStepSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('weight'), weight: percent }),
  z.strictObject({ kind: z.literal('header'), name: text, value: z.string() }),
  z.strictObject({ kind: z.literal('pause'), seconds: seconds.nullable() }),
])

const StrategySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('recreate') }),
  z.strictObject({ kind: z.literal('rolling'), maxSurge: count, maxUnavailable: count }),
  z.strictObject({ kind: z.literal('blue-green'), holdSeconds: seconds }),
  z.strictObject({ kind: z.literal('canary'), steps: z.array(CanaryStepSchema).min(1) }),
  z.strictObject({ kind: z.literal('shadow'), percent, seconds }),
])

/**
 * A workload as its file says it; every key must be there, none may be unknown. What it parses to has
 * its keys in this order, which is the order in the file.
 */
export const WorkloadSchema: z.ZodType<Workload> = z.strictObject({
  service: text,
  environment: text,
  artifact: z.strictObject({
    digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hex digits'),
    version: text,
    commit: text,
  }),
  replicas: z.number().int().min(1).max(1000),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), EnvValueSchema),
  needs: z.array(text),
  ready: z.strictObject({
    path: z.string().startsWith('/').nullable(),
    intervalSeconds: z.number().positive(),
    timeoutSeconds: z.number().positive(),
    deadlineSeconds: z.number().positive(),
  }),
  drainSeconds: seconds,
  stopSeconds: seconds,
  memoryBytes: z.number().int().positive().nullable(),
  sticky: z.boolean(),
  strategy: StrategySchema,
  objectives: z.strictObject({ errorRate: share.nullable(), p95Ms: seconds.nullable() }),
  analysis: z.strictObject({
    judge: z.enum(['sequential', 'threshold']),
    alpha: share,
    beta: share,
    risk: share.nullable(),
    warmSeconds: seconds,
    dwellSeconds: seconds,
    maxSeconds: seconds,
    inconclusive: z.enum(['ask', 'promote', 'rollback']),
  }),
})
