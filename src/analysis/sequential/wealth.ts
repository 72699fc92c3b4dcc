/** What a metric's experts own of the initial stake 1, and what lies aside. Plain numbers. */
export type Wealth = { cash: number; experts: number[] }

const CASH_AT_START = 0.1
const CASH_SHARE = 0.2
const RESPREAD_SECONDS = 1800
const CAP = 1e30
/** An exponent beyond it would overflow; the cap cuts far below. */
const LARGEST = 600

export function createWealth(experts: number): Wealth {
  return {
    cash: CASH_AT_START,
    experts: new Array<number>(experts).fill((1 - CASH_AT_START) / experts),
  }
}

export function wealthOf(wealth: Wealth): number {
  let total = wealth.cash
  for (const money of wealth.experts) total += money
  return Math.min(total, CAP)
}

/**
 * Pays each expert for a block and re-spreads a little, so that a late regression finds money.
 * A non-negative supermartingale from 1 as long as E[exp evidence] ≤ 1 for each expert.
 * @param evidence log factor by expert, already divided by phi and cut
 * @param seconds time since the metric's previous block
 * Source: Herbster & Warmuth, Tracking the best expert, Machine Learning 32 (1998); Ville 1939.
 */
export function pay(wealth: Wealth, evidence: readonly number[], seconds: number): void {
  const { experts } = wealth
  for (let j = 0; j < experts.length; j++) experts[j]! *= Math.exp(Math.min(evidence[j]!, LARGEST))
  const total = wealthOf(wealth)
  const rho = 1 - Math.exp(-seconds / RESPREAD_SECONDS)
  const share = (rho * (1 - CASH_SHARE) * total) / experts.length
  for (let j = 0; j < experts.length; j++)
    experts[j] = Math.min((1 - rho) * experts[j]! + share, CAP)
  wealth.cash = (1 - rho) * wealth.cash + rho * CASH_SHARE * total
}

/** Hands `total` over to fresh experts: how one bet takes another's place without new money. */
export function restake(wealth: Wealth, total: number): void {
  const fresh = createWealth(wealth.experts.length)
  wealth.cash = fresh.cash * total
  wealth.experts = fresh.experts.map((money) => money * total)
}
