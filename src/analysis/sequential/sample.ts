import { addBuckets, countOf, emptyBuckets } from '../buckets.ts'
import type { Replica, Tick } from '../metrics.ts'
import type { BlockCounts } from './block.ts'

/** One tick summed over instances, as the metrics take it. */
export type Sample = {
  readonly seconds: number
  readonly counts: BlockCounts
  /** Null: not measured, or no canary instance is old enough, so the tick says nothing of latency. */
  readonly latency: LatencySample | null
}

export type LatencySample = {
  readonly canary: number[]
  readonly baseline: number[]
  readonly canaryRequests: number
  readonly baselineRequests: number
}

/** @param warm age in seconds from which a canary instance's latency counts */
export function sampleOf(tick: Tick, warm: number): Sample {
  const canary = sum(tick.canary)
  const baseline = sum(tick.baseline)
  return {
    seconds: tick.seconds,
    counts: {
      canaryRequests: canary.requests,
      canaryErrors: canary.errors,
      baselineRequests: baseline.requests,
      baselineErrors: baseline.errors,
    },
    latency: latencyOf(
      tick.canary.filter(({ ageSeconds }) => ageSeconds >= warm),
      tick.baseline,
    ),
  }
}

export function hasLatency(tick: Tick): boolean {
  return [...tick.canary, ...tick.baseline].some(({ latency }) => latency !== undefined)
}

function latencyOf(
  canaryReplicas: readonly Replica[],
  baselineReplicas: readonly Replica[],
): LatencySample | null {
  if (canaryReplicas.length === 0) return null
  const canary = mergeLatency(canaryReplicas)
  const baseline = mergeLatency(baselineReplicas)
  return {
    canary,
    baseline,
    canaryRequests: countOf(canary),
    baselineRequests: countOf(baseline),
  }
}

/** Requests of all instances by bucket; an instance that measures none adds nothing. */
export function mergeLatency(replicas: readonly Replica[]): number[] {
  const merged = emptyBuckets()
  for (const { latency } of replicas) if (latency !== undefined) addBuckets(merged, latency)
  return merged
}

function sum(replicas: readonly Replica[]): { requests: number; errors: number } {
  const total = { requests: 0, errors: 0 }
  for (const { requests, errors } of replicas) {
    total.requests += requests
    total.errors += errors
  }
  return total
}
