import { bucketOf, emptyBuckets } from '../buckets.ts'
import type { Replica, Tick } from '../metrics.ts'
import { mulberry32 } from './mulberry32.ts'
import { type Scenario, valueAt } from './scenario.ts'

const HISTORY_SECONDS = 600
const REPLICAS = 4
const BURST_SALT = 0x9e3779b9
const REPETITION_STEP = 7919

/**
 * The ticks of one repetition of a scenario, from −600 (all baseline) to its end, the same in any
 * language: every random number has its place in the sequence of mulberry32.
 */
export function* ticksOf(scenario: Scenario, repetition = 0): Generator<Tick> {
  const { rps, weight, seconds = 1800, bursts, canary, baseline } = scenario
  const seed = scenario.seed + REPETITION_STEP * repetition
  const random = mulberry32(seed)
  const burstRandom = mulberry32((seed ^ BURST_SALT) >>> 0)
  let request = 0
  let expected = 0
  for (let t = -HISTORY_SECONDS; t < seconds; t++) {
    expected += valueAt(rps, t)
    const last = Math.floor(expected + 1e-9)
    const split = t < 0 ? 0 : (scenario.split ?? weight)
    const arms = { canary: replicas(t), baseline: replicas(86400 + t) }
    const rates = {
      canary: { errors: valueAt(canary.errors, t), latency: valueAt(canary.latency, t) },
      baseline: { errors: valueAt(baseline.errors, t), latency: valueAt(baseline.latency, t) },
    }
    let burst = bursts && burstAt(burstRandom, 3 * (t + HISTORY_SECONDS), { ...bursts, split })
    for (; request < last; request++) {
      const call = 4 * request
      const arm = burst ? burst.arm : random(call) < split ? 'canary' : 'baseline'
      const isFailed = burst ? true : random(call + 1) < rates[arm].errors
      const replica = arms[arm][burst ? 0 : request % REPLICAS]!
      if (burst && --burst.size === 0) burst = undefined
      replica.requests += 1
      if (isFailed) replica.errors += 1
      const ms = latencyMs(random(call + 2), random(call + 3)) * rates[arm].latency
      replica.latency[bucketOf(ms)]! += 1
    }
    yield { t, seconds: 1, weight: t < 0 ? 0 : weight, canary: t < 0 ? [] : arms.canary, baseline: arms.baseline }
  }
}

type Mutable = { -readonly [Key in keyof Replica]: Replica[Key] } & { latency: number[] }

function replicas(ageSeconds: number): Mutable[] {
  return Array.from({ length: REPLICAS }, () => ({
    requests: 0,
    errors: 0,
    latency: emptyBuckets(),
    ageSeconds,
  }))
}

/** Log-normal around 100 ms. */
function latencyMs(u2: number, u3: number): number {
  return 100 * Math.exp(0.5 * Math.sqrt(-2 * Math.log(1 - u2)) * Math.cos(2 * Math.PI * u3))
}

function burstAt(
  random: (call: number) => number,
  call: number,
  { perSecond, mean, split }: { perSecond: number; mean: number; split: number },
): { arm: 'canary' | 'baseline'; size: number } | undefined {
  if (random(call) >= perSecond) return undefined
  return {
    arm: random(call + 1) < split ? 'canary' : 'baseline',
    size: Math.max(1, Math.ceil(-mean * Math.log(1 - random(call + 2)))),
  }
}
