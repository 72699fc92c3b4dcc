/** What a load client counted; times in milliseconds. */
export type ClientResult = {
  readonly sent: number
  readonly answered: number
  /** Not answered with a whole 200. */
  readonly failed: number
  /** Why, and how often. */
  readonly failures: Readonly<Record<string, number>>
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** How late the client itself was: its own noise, the same for all that it measures. */
  readonly lateP99: number
}
