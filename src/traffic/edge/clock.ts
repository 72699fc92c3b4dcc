/** Time that only goes forward: anchored to the wall clock once, then counted by the machine's uptime. */
export interface Clock {
  /** Milliseconds since an arbitrary moment. */
  monotonicMs(): number
  /** Milliseconds since 1970 as they were at the start plus what has passed since. */
  unixMs(): number
  /** The wall clock, which may jump. */
  wallMs(): number
}

export function createClock(wallMs: () => number): Clock {
  const offset = wallMs() - performance.now()
  return {
    monotonicMs: () => performance.now(),
    unixMs: () => offset + performance.now(),
    wallMs,
  }
}
