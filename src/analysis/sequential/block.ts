/** Ticks that are judged together, because one alone has too few requests. */
export type Block = {
  seconds: number
  ticks: number
  /** Correlation guard as it was when the block opened: it must not know the block. */
  phi: number
  canaryRequests: number
  canaryErrors: number
  baselineRequests: number
  baselineErrors: number
}

/** The counts of a block that the formulas of evidence need. */
export type BlockCounts = Omit<Block, 'seconds' | 'ticks' | 'phi'>

export function openBlock(phi: number): Block {
  return {
    seconds: 0,
    ticks: 0,
    phi,
    canaryRequests: 0,
    canaryErrors: 0,
    baselineRequests: 0,
    baselineErrors: 0,
  }
}

/** Adds one tick's counts. */
export function extend(block: Block, seconds: number, counts: BlockCounts): void {
  block.seconds += seconds
  block.ticks += 1
  block.canaryRequests += counts.canaryRequests
  block.canaryErrors += counts.canaryErrors
  block.baselineRequests += counts.baselineRequests
  block.baselineErrors += counts.baselineErrors
}

/** Whether both arms have requests and together at least `least`. Looks at no outcome. */
export function isFull(block: BlockCounts, least: number): boolean {
  return (
    block.canaryRequests >= 1 &&
    block.baselineRequests >= 1 &&
    block.canaryRequests + block.baselineRequests >= least
  )
}

/** Most log evidence that one tick may give, so that no verdict rests on fewer than three. */
const CEILING_PER_TICK = 2.5

/** Divides log evidence by the guard and cuts it at the ceiling. Cutting evidence is always allowed. */
export function guarded(evidence: readonly number[], phi: number, ticks: number): number[] {
  const ceiling = CEILING_PER_TICK * ticks
  return evidence.map((value) => Math.min(value / phi, ceiling))
}
