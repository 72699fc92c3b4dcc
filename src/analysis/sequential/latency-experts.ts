import { BUCKET_LOG_WIDTH, BUCKETS, emptyBuckets } from '../buckets.ts'

/** The whole distribution is slower: (u/(1−u))^c. */
const ODDS = [0.12, 0.3, 0.65] as const
/** The tail is heavier: (1−u)^(−l). Source: Lehmann, The power of rank tests, 1953. */
const TAILS = [0.25, 0.55] as const
/** Requests above the baseline's quantile tau are w times as likely. */
const STEPS = [
  { tau: 0.95, w: 3 },
  { tau: 0.95, w: 8 },
  { tau: 0.99, w: 6 },
  { tau: 0.99, w: 25 },
  { tau: 0.998, w: 12 },
] as const

export const LATENCY_EXPERTS = ODDS.length + TAILS.length + STEPS.length

const EDGE = 0.0005
const GRID = 4000

/** ln g of the ten experts for a request at rank u (0..1) among the usual baseline. */
export function latencyLogFactors(u: number): number[] {
  return [...smoothLogFactors(u), ...STEPS.map((step) => stepLogFactor(step, u > step.tau))]
}

/** Of the experts whose belief changes with every rank. */
function smoothLogFactors(u: number): number[] {
  const inside = Math.min(1 - EDGE, Math.max(EDGE, u))
  const above = Math.log(1 - inside)
  const odds = Math.log(inside) - above
  const averages = logAverages()
  const factors: number[] = []
  for (let i = 0; i < ODDS.length; i++) factors.push(ODDS[i]! * odds - averages.odds[i]!)
  for (let i = 0; i < TAILS.length; i++) factors.push(-TAILS[i]! * above - averages.tails[i]!)
  return factors
}

function stepLogFactor({ tau, w }: { readonly tau: number; readonly w: number }, isAbove: boolean) {
  return Math.log(isAbove ? w : (1 - w * (1 - tau)) / tau)
}

/**
 * Log evidence that the canary is slower, one number per expert.
 * @param canary, baseline requests of the block by bucket
 * @param usual the baseline's decayed histogram from before the block; not empty
 * Source: Turner, Ly, Grünwald, arXiv 2106.02693; Shekhar, Ramdas, arXiv 2112.09162.
 */
export function latencyEvidence(
  canary: readonly number[],
  baseline: readonly number[],
  usual: readonly number[],
): number[] {
  const q = shareOf(canary, baseline)
  const ranks = ranksOf(usual)
  const smooth = new Array<number>(ODDS.length + TAILS.length).fill(0)
  for (let k = 0; k < BUCKETS; k++) {
    const inCanary = canary[k]!
    const inBoth = inCanary + baseline[k]!
    if (inBoth === 0) continue
    const factors = smoothLogFactors(ranks[k]!)
    for (let j = 0; j < factors.length; j++) {
      const g = factors[j]!
      smooth[j]! += inCanary * g - inBoth * Math.log(q * Math.exp(g) + 1 - q)
    }
  }
  const steps = STEPS.map((step) => {
    const mark = ranks.findIndex((rank) => rank > step.tau)
    const first = mark < 0 ? BUCKETS : mark
    return (
      sideEvidence(canary, baseline, { q, g: stepLogFactor(step, false), to: first }) +
      sideEvidence(canary, baseline, { q, g: stepLogFactor(step, true), from: first })
    )
  })
  return [...smooth, ...steps]
}

/** Evidence of the buckets from `from` to before `to`, which all have one factor. */
function sideEvidence(
  canary: readonly number[],
  baseline: readonly number[],
  side: { readonly q: number; readonly g: number; readonly from?: number; readonly to?: number },
): number {
  const { q, g, from = 0, to = BUCKETS } = side
  let inCanary = 0
  let inBoth = 0
  for (let k = from; k < to; k++) {
    inCanary += canary[k]!
    inBoth += canary[k]! + baseline[k]!
  }
  return inCanary * g - inBoth * Math.log(q * Math.exp(g) + 1 - q)
}

/** The canary's buckets as if it were `ratio` times as fast: a tolerated slowness is no evidence. */
export function faster(canary: readonly number[], ratio: number): readonly number[] {
  const shift = Math.ceil(Math.log(ratio) / BUCKET_LOG_WIDTH)
  if (shift <= 0) return canary
  const shifted = emptyBuckets()
  for (let k = 0; k < BUCKETS; k++) shifted[Math.max(0, k - shift)]! += canary[k]!
  return shifted
}

function shareOf(canary: readonly number[], baseline: readonly number[]): number {
  let inCanary = 0
  let inBoth = 0
  for (let k = 0; k < BUCKETS; k++) {
    inCanary += canary[k]!
    inBoth += canary[k]! + baseline[k]!
  }
  return inCanary / inBoth
}

/** Mid-rank of each bucket, 0..1. */
function ranksOf(usual: readonly number[]): number[] {
  let total = 0
  for (const count of usual) total += count
  let below = 0
  return usual.map((count) => {
    const rank = (below + count / 2) / total
    below += count
    return rank
  })
}

type LogAverages = { readonly odds: readonly number[]; readonly tails: readonly number[] }
let averages: LogAverages | null = null

/** Computed at the first use: 20,000 powers are nothing for a rollout but felt at a command's start. */
function logAverages(): LogAverages {
  averages ??= {
    odds: ODDS.map((c) => logAverage((u) => (u / (1 - u)) ** c)),
    tails: TAILS.map((l) => logAverage((u) => (1 - u) ** -l)),
  }
  return averages
}

function logAverage(g: (u: number) => number): number {
  let sum = 0
  for (let i = 0; i < GRID; i++) sum += g(Math.min(1 - EDGE, Math.max(EDGE, (i + 0.5) / GRID)))
  return Math.log(sum / GRID)
}
