export type Backoff = {
  readonly firstMs: number
  readonly lastMs: number
  /** Ready for so long, and earlier failures are forgotten. */
  readonly stableMs: number
}

export const DEFAULT_BACKOFF: Backoff = { firstMs: 200, lastMs: 30_000, stableMs: 10_000 }

/**
 * Milliseconds until the next start, doubling with each failure.
 * An instance that had been ready and failed for the first time is started again at once: somebody
 * killed it, and what it carried is missing now.
 * @param failures how often it ended since it was last stable, this time not counted
 */
export function restartDelayMs(failures: number, wasReady: boolean, backoff: Backoff): number {
  if (wasReady && failures === 0) return 0
  return Math.min(backoff.lastMs, backoff.firstMs * 2 ** Math.min(failures, 30))
}
