/** How often a canary value is above a baseline one; ties count half. */
function statistic(canary: readonly number[], baseline: readonly number[]): number {
  let u = 0
  for (const c of canary) for (const b of baseline) u += c > b ? 1 : c === b ? 0.5 : 0
  return u
}

/** z of U, corrected for ties and continuity; 0 when all values are equal. Source: Mann & Whitney 1947. */
export function zScore(canary: readonly number[], baseline: readonly number[]): number {
  const [n, m] = [canary.length, baseline.length]
  const all = n + m
  const counts = new Map<number, number>()
  for (const value of [...canary, ...baseline]) counts.set(value, (counts.get(value) ?? 0) + 1)
  const ties = [...counts.values()].reduce((sum, t) => sum + t ** 3 - t, 0)
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)))
  if (variance <= 0) return 0
  return (statistic(canary, baseline) - (n * m) / 2 - 0.5) / Math.sqrt(variance)
}

/** Chance of so large a U if both arms were equal: exact without ties, else by z. */
export function oneSidedP(canary: readonly number[], baseline: readonly number[]): number {
  const all = [...canary, ...baseline]
  if (new Set(all).size < all.length) return 1 - normal(zScore(canary, baseline))
  const u = statistic(canary, baseline)
  const [n, m] = [canary.length, baseline.length]
  let above = 0
  let total = 0
  for (let k = 0; k <= n * m; k++) {
    const ways = arrangements(n, m, k)
    total += ways
    if (k >= u) above += ways
  }
  return above / total
}

/** Median of all differences between the arms. Source: Hodges & Lehmann 1963. */
export function hodgesLehmann(canary: readonly number[], baseline: readonly number[]): number {
  const differences = canary.flatMap((c) => baseline.map((b) => c - b)).sort((x, y) => x - y)
  const middle = differences.length / 2
  return (differences[Math.ceil(middle) - 1]! + differences[Math.floor(middle)]!) / 2
}

const known = new Map<string, number>()

/** In how many orders of n and m values U is k. */
function arrangements(n: number, m: number, k: number): number {
  if (k < 0) return 0
  if (n === 0 || m === 0) return k === 0 ? 1 : 0
  const key = `${n},${m},${k}`
  const before = known.get(key)
  if (before !== undefined) return before
  const ways = arrangements(n - 1, m, k - m) + arrangements(n, m - 1, k)
  known.set(key, ways)
  return ways
}

/** Abramowitz & Stegun 26.2.17, to 7.5e-8. */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const tail =
    Math.exp((-z * z) / 2) *
    0.3989422804 *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return z >= 0 ? 1 - tail : tail
}
