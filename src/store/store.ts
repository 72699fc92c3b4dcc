/** Anything that JSON can say. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** What happened, by whom, to what. `state` is the subject as it is after the event. */
export type NewEvent = {
  /** `rollout.step-reached`: the subject's kind, a dot, what happened in the past tense. */
  readonly type: string
  /** The kind of subject: `run`, `release`, `rollout`, `environment`, `hold`, `approval` … */
  readonly kind: string
  readonly id: string
  /** Who: `ada@example.com`, or `slipway` for what it did by itself. */
  readonly actor: string
  readonly data: Json
  /** The whole subject after this event; absent: the event does not change it; null: it is gone. */
  readonly state?: Json
}

export type Event = NewEvent & {
  /** 1, 2, 3 … without a gap. */
  readonly seq: number
  /** Milliseconds since 1970. Never smaller than the event's before, even when the clock jumps back. */
  readonly at: number
  readonly previousHash: string
  /** sha256 over the previous hash and this event's canonical JSON. */
  readonly hash: string
}

/** A subject's latest state, projected from the log. */
export type Subject = {
  readonly kind: string
  readonly id: string
  readonly version: number
  readonly updatedAt: number
  readonly state: Json
}

/**
 * The append-only log and its projection. Every implementation passes `store.contract.ts`.
 * Reads and writes are synchronous: the log is local, and a loop that saved is a loop that may act.
 */
export interface Store {
  /**
   * Appends all or nothing; durable when it returns.
   * @param expect subject → the version it must still have (`0`: not there); a lost race throws `version-conflict`
   */
  append(
    events: readonly NewEvent[],
    expect?: readonly { readonly kind: string; readonly id: string; readonly version: number }[],
  ): readonly Event[]
  /** Events with seq > after, oldest first, at most `limit` (default 1000). */
  read(query: EventQuery): readonly Event[]
  get(kind: string, id: string): Subject | null
  /** Subjects of a kind, the one changed last first. */
  list(kind: string, limit?: number): readonly Subject[]
  /** Recomputes the chain; the first seq whose hash is wrong, or null. */
  firstBrokenLink(): number | null
  close(): void
}

export type EventQuery = {
  readonly after?: number
  readonly limit?: number
  readonly kind?: string
  readonly id?: string
  readonly type?: string
}
