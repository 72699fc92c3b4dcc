import type { InstanceEvent } from '../platform.ts'

/** The last events, numbered so that a reader who comes back misses none that are kept. */
export interface EventRing {
  add(event: Omit<InstanceEvent, 'seq' | 'at'>): void
  after(seq: number): readonly InstanceEvent[]
  /** What to keep on disk. */
  readonly kept: readonly InstanceEvent[]
  readonly lastSeq: number
}

const KEPT = 200

/**
 * A supervisor that was killed may have given out numbers it had not saved yet. No more than so many:
 * each event is followed by a save.
 */
const GAP = 1000

/** @param earlier what was on disk */
export function eventRing(earlier: {
  readonly lastSeq: number
  readonly events: readonly InstanceEvent[]
}): EventRing {
  let kept = [...earlier.events]
  let lastSeq = earlier.lastSeq + GAP
  return {
    add(event) {
      lastSeq += 1
      kept = [...kept, { ...event, seq: lastSeq, at: Date.now() }].slice(-KEPT)
    },
    after: (seq) => kept.filter((event) => event.seq > seq),
    get kept() {
      return kept
    },
    get lastSeq() {
      return lastSeq
    },
  }
}
