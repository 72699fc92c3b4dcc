import { addBuckets, emptyBuckets } from '../buckets.ts'
import type { Sample } from './sample.ts'

/** Plain sums of both arms over the same seconds: what the reasons cite. */
export type Tally = {
  seconds: number
  canary: ArmTally
  baseline: ArmTally
}

export type ArmTally = { requests: number; errors: number; latency: number[] }

export function createTally(): Tally {
  return { seconds: 0, canary: createArm(), baseline: createArm() }
}

export function addTally(to: Tally, from: Tally): void {
  to.seconds += from.seconds
  for (const arm of ['canary', 'baseline'] as const) {
    to[arm].requests += from[arm].requests
    to[arm].errors += from[arm].errors
    addBuckets(to[arm].latency, from[arm].latency)
  }
}

/** A tick's sums; latency only where the tick says something of it. */
export function tallyOfSample({ counts, latency, seconds }: Sample): Tally {
  return {
    seconds,
    canary: {
      requests: counts.canaryRequests,
      errors: counts.canaryErrors,
      latency: latency?.canary ?? emptyBuckets(),
    },
    baseline: {
      requests: counts.baselineRequests,
      errors: counts.baselineErrors,
      latency: latency?.baseline ?? emptyBuckets(),
    },
  }
}

function createArm(): ArmTally {
  return { requests: 0, errors: 0, latency: emptyBuckets() }
}
