import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { emptyBuckets } from '../buckets.ts'
import type { Tick } from '../metrics.ts'
import { mulberry32 } from '../testdata/mulberry32.ts'
import { SETTINGS } from '../testdata/replicas.ts'
import { errorEvidence } from './error-experts.ts'
import { judge } from './judge.ts'
import { faster, latencyEvidence } from './latency-experts.ts'
import { objectiveEvidence } from './objective.ts'
import { errorSafety, latencySafety } from './safety.ts'
import { createJudge } from './state.ts'

const SLACK = 1 + 1e-9
const RUNS = { numRuns: 60 }

function choose(n: number, k: number): number {
  let value = 1
  for (let i = 1; i <= k; i++) value = (value * (n - k + i)) / i
  return value
}

function binomial(n: number, p: number, k: number): number {
  return choose(n, k) * p ** k * (1 - p) ** (n - k)
}

/** E[exp evidence] by expert over all outcomes of a block of errors. */
function expectation(
  block: { readonly canary: number; readonly baseline: number },
  rates: { readonly canary: number; readonly baseline: number },
  evidence: (canaryErrors: number, baselineErrors: number) => readonly number[],
): number[] {
  const sums: number[] = []
  for (let c = 0; c <= block.canary; c++) {
    for (let b = 0; b <= block.baseline; b++) {
      const chance =
        binomial(block.canary, rates.canary, c) * binomial(block.baseline, rates.baseline, b)
      for (const [i, value] of evidence(c, b).entries()) {
        sums[i] = (sums[i] ?? 0) + chance * Math.exp(value)
      }
    }
  }
  return sums
}

const sizes = fc.record({
  canary: fc.integer({ min: 1, max: 8 }),
  baseline: fc.integer({ min: 1, max: 12 }),
})
const rate = fc.double({ min: 0.001, max: 0.999, noNaN: true })

test('errors: no bet pays on average when both arms fail alike, or the canary fails less', () => {
  const better = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(sizes, rate, better, (block, usual, share) => {
      const rates = { canary: usual * share, baseline: usual }
      const factors = expectation(block, rates, (canaryErrors, baselineErrors) =>
        errorEvidence({
          canaryRequests: block.canary,
          baselineRequests: block.baseline,
          canaryErrors,
          baselineErrors,
        }),
      )
      assert.ok(Math.max(...factors) <= SLACK, String(factors))
    }),
    RUNS,
  )
})

test('safety: no bet pays on average when the canary fails more often by the margin', () => {
  fc.assert(
    fc.property(sizes, rate, rate, (block, usual, margin) => {
      const canary = usual + margin
      fc.pre(canary <= 1)
      const factors = expectation(block, { canary, baseline: usual }, (c, b) =>
        errorSafety(
          {
            canaryRequests: block.canary,
            baselineRequests: block.baseline,
            canaryErrors: c,
            baselineErrors: b,
          },
          margin,
        ),
      )
      assert.ok(Math.max(...factors) <= SLACK, String(factors))
    }),
    RUNS,
  )
})

test('objective: no bet pays on average while the objective is kept', () => {
  fc.assert(
    fc.property(sizes, rate, (block, limit) => {
      const factors = expectation(block, { canary: limit, baseline: 0 }, (canaryErrors) =>
        objectiveEvidence(
          {
            canaryRequests: block.canary,
            canaryErrors,
            baselineRequests: block.baseline,
            baselineErrors: 0,
          },
          limit,
        ),
      )
      assert.ok(Math.max(...factors) <= SLACK, String(factors))
    }),
    RUNS,
  )
})

const PLACES = [20, 31, 50] as const
const law = fc
  .tuple(rate, rate, rate)
  .map((weights) => weights.map((w) => w / weights.reduce((sum, x) => sum + x, 0)))

/** E[exp evidence] by expert over all ways in which so many requests of each arm fall into three buckets. */
function latencyExpectation(
  block: { readonly canary: number; readonly baseline: number },
  laws: { readonly canary: readonly number[]; readonly baseline: readonly number[] },
  evidence: (canary: readonly number[], baseline: readonly number[]) => readonly number[],
): number[] {
  const sums: number[] = []
  for (const [canary, chanceC] of outcomes(block.canary, laws.canary)) {
    for (const [baseline, chanceB] of outcomes(block.baseline, laws.baseline)) {
      for (const [i, value] of evidence(canary, baseline).entries()) {
        sums[i] = (sums[i] ?? 0) + chanceC * chanceB * Math.exp(value)
      }
    }
  }
  return sums
}

function outcomes(n: number, chances: readonly number[]): [number[], number][] {
  if (n === 0) return [[emptyBuckets(), 1]]
  return outcomes(n - 1, chances).flatMap(([buckets, chance]) =>
    PLACES.map((place, i): [number[], number] => {
      const more = [...buckets]
      more[place]! += 1
      return [more, chance * chances[i]!]
    }),
  )
}

const USUAL = emptyBuckets().map((_, k) => (k >= 15 && k <= 55 ? 56 - k : 0))

test('latency: no bet pays on average when both arms draw from one law, whatever it is', () => {
  fc.assert(
    fc.property(
      law,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 4 }),
      (chances, canary, baseline) => {
        const laws = { canary: chances, baseline: chances }
        const factors = latencyExpectation({ canary, baseline }, laws, (c, b) =>
          latencyEvidence(c, b, USUAL),
        )
        assert.ok(Math.max(...factors) <= SLACK, String(factors))
      },
    ),
    { numRuns: 15 },
  )
})

test('latency safety: no bet pays on average when the canary is slower by the ratio', () => {
  const shift = Math.floor(Math.log(2) / Math.log(1.1) + 1e-9)
  fc.assert(
    fc.property(rate, (slow) => {
      const mark = 60
      const usual = emptyBuckets()
      usual[40] = 95
      usual[50] = 5
      const factors = [0, 0, 0, 0, 0]
      for (let c = 0; c <= 3; c++) {
        for (let b = 0; b <= 4; b++) {
          const canary = emptyBuckets()
          canary[mark] = c
          canary[40 + shift] = 3 - c
          const baseline = emptyBuckets()
          baseline[mark] = b
          baseline[40] = 4 - b
          const chance = binomial(3, slow, c) * binomial(4, slow, b)
          for (const [i, value] of latencySafety({ canary, baseline }, usual, 2).entries()) {
            factors[i]! += chance * Math.exp(value)
          }
        }
      }
      assert.ok(Math.max(...factors) <= SLACK, String(factors))
    }),
    RUNS,
  )
})

test('a canary with one failure less never has more evidence against it', () => {
  const counts = fc.nat({ max: 20 })
  fc.assert(
    fc.property(counts, counts, counts, counts, (ok, errors, baseline, baselineErrors) => {
      const block = {
        canaryRequests: ok + errors + 1,
        canaryErrors: errors,
        baselineRequests: baseline + baselineErrors + 1,
        baselineErrors,
      }
      const worse = errorEvidence({ ...block, canaryErrors: errors + 1 })
      for (const [i, value] of errorEvidence(block).entries()) assert.ok(value <= worse[i]!)
      const safer = errorSafety(block, 0.02)
      const lessSafe = errorSafety({ ...block, canaryErrors: errors + 1 }, 0.02)
      for (const [i, value] of safer.entries()) assert.ok(value >= lessSafe[i]!)
    }),
    RUNS,
  )
})

test('a canary with one faster request never has more evidence against it', () => {
  const bucket = fc.integer({ min: 1, max: 63 })
  fc.assert(
    fc.property(fc.array(bucket, { minLength: 1, maxLength: 9 }), bucket, (places, faster) => {
      const canary = emptyBuckets()
      for (const place of places) canary[place]! += 1
      const better = [...canary]
      const first = places[0]!
      better[first]! -= 1
      better[Math.min(first, faster) - 1]! += 1
      const before = latencyEvidence(canary, USUAL, USUAL)
      for (const [i, value] of latencyEvidence(better, USUAL, USUAL).entries()) {
        assert.ok(value <= before[i]! + 1e-9)
      }
    }),
    RUNS,
  )
})

test('a tolerated worsening is no evidence', () => {
  const block = { canaryRequests: 100, baselineRequests: 100, canaryErrors: 8, baselineErrors: 4 }
  const plain = errorEvidence(block)
  for (const tolerance of [{ errorRatio: 2 }, { errorExcess: 0.04 }]) {
    const tolerant = errorEvidence(block, tolerance)
    assert.ok(Math.max(...tolerant) < Math.max(...plain) / 4, String(tolerant))
  }
  const slow = emptyBuckets()
  slow[35] = 100
  assert.equal(faster(slow, 1.21)[33], 100)
})

/** Both arms draw from one law; both drift together. */
function* alike(seed: number, seconds: number): Generator<Tick> {
  const random = mulberry32(seed)
  let call = 0
  const draw = (n: number, p: number) => {
    let hits = 0
    for (let i = 0; i < n; i++) if (random(call++) < p) hits += 1
    return hits
  }
  const instance = (requests: number, errorRate: number, slowRate: number) => {
    const latency = emptyBuckets()
    const slow = draw(requests, slowRate)
    latency[38] = slow
    latency[24] = requests - slow
    return { requests, errors: draw(requests, errorRate), latency, ageSeconds: 100 }
  }
  for (let t = -60; t < seconds; t++) {
    const errorRate = 0.02 + 0.015 * Math.sin(t / 40)
    const slowRate = 0.1 + 0.08 * Math.sin(t / 25)
    const canary = t < 0 ? 0 : draw(20, 0.3)
    const first = draw(20 - canary, 0.5)
    yield {
      t,
      seconds: 1,
      weight: t < 0 ? 0 : 0.3,
      canary: t < 0 ? [] : [instance(canary, errorRate, slowRate)],
      baseline: [first, 20 - canary - first].map((n) => instance(n, errorRate, slowRate)),
    }
  }
}

test('of equal versions no more than alpha are ever rolled back', () => {
  const alpha = 0.1
  const runs = 120
  let rolledBack = 0
  for (let run = 0; run < runs; run++) {
    const state = createJudge({ ...SETTINGS, alpha })
    for (const tick of alike(1000 + run, 240)) {
      if (judge(state, tick).verdict.verdict === 'rollback') {
        rolledBack += 1
        break
      }
    }
  }
  const spread = 3 * Math.sqrt(alpha * (1 - alpha) * runs)
  assert.ok(rolledBack <= alpha * runs + spread, `${rolledBack} of ${runs}`)
})
