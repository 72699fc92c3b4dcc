import type { Tolerance } from '../judge-settings.ts'
import type { BlockCounts } from './block.ts'

/** By how many times an expert believes failures are likelier on the canary. */
export const ERROR_EXPERTS = [1.25, 1.6, 2.2, 3.5, 6, 12, 40, 400] as const

/**
 * Log evidence that the canary fails more often, one number per expert.
 * E[exp L] ≤ 1 if both arms draw from one law in this block, whatever it is.
 * Source: Turner, Ly, Grünwald, arXiv 2106.02693; Lindon, Malek, arXiv 2011.03567.
 */
export function errorEvidence(block: BlockCounts, tolerance: Tolerance = {}): number[] {
  const canary = (tolerance.errorRatio ?? 1) * block.canaryRequests
  const q = canary / (canary + block.baselineRequests)
  const errors = block.canaryErrors + block.baselineErrors
  const excess = tolerance.errorExcess ?? 0
  return ERROR_EXPERTS.map((w) => {
    const mixed = 1 + q * (w - 1)
    const tolerated = block.canaryRequests * excess * (w / mixed - 1)
    return block.canaryErrors * Math.log(w) - errors * Math.log(mixed) - tolerated
  })
}

/**
 * The guard of a block of errors: one tick never counts for more than `kappa` independent failures
 * unless twice the usual error level explains more. Depends on the failures of both arms together
 * only, given which the evidence stays valid.
 */
export function errorGuard(fields: {
  readonly phi: number
  readonly errors: number
  readonly requests: number
  readonly ticks: number
  readonly usualErrorRate: number
  readonly kappa: number
}): number {
  const { phi, errors, requests, ticks, usualErrorRate, kappa } = fields
  const cap = Math.max(kappa * ticks, 2 * usualErrorRate * requests)
  return Math.max(phi, errors / cap)
}
