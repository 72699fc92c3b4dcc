import { setTimeout as sleep } from 'node:timers/promises'
import type { RunRecord } from '../controller/index.ts'
import { asSlipwayError } from '../errors/index.ts'
import type { Passage } from '../release/index.ts'
import type { RolloutView, Status } from '../server/index.ts'
import type { Event } from '../store/index.ts'

/** The control plane's API as the job uses it; `cli` brings the client. */
export interface Api {
  get<T>(path: string): Promise<T>
}

const POLL_MS = 200

/** Asks the control plane until something is so. */
export class ControlPlane {
  readonly #api: Api
  readonly #signal: AbortSignal

  constructor(api: Api, signal: AbortSignal) {
    this.#api = api
    this.#signal = signal
  }

  status(): Promise<Status> {
    return this.#api.get('/api/status')
  }

  rollouts(): Promise<readonly RolloutView[]> {
    return this.#api.get('/api/rollouts')
  }

  /** Every event of a kind so far. */
  async events(kind: string): Promise<readonly Event[]> {
    const all: Event[] = []
    for (;;) {
      const page = await this.#api.get<Event[]>(
        `/api/events?kind=${kind}&after=${all.at(-1)?.seq ?? 0}&limit=1000`,
      )
      if (page.length === 0) return all
      all.push(...page)
    }
  }

  async run(commit: string): Promise<RunRecord | null> {
    const { runs } = await this.status()
    return runs.find((run) => run.commit === commit) ?? null
  }

  async passage(environment: string, commit: string): Promise<Passage | null> {
    const passages = await this.#api.get<Passage[]>('/api/passages')
    return (
      passages.find(
        (one) => one.environment === environment && one.release === commit.slice(0, 12),
      ) ?? null
    )
  }

  /** Waits until `look` finds something. Throws when it takes longer than `seconds`, or on the signal. */
  async until<T>(what: string, seconds: number, look: () => Promise<T | null>): Promise<T> {
    const deadline = performance.now() + seconds * 1000
    let last: unknown = null
    while (performance.now() < deadline) {
      this.#signal.throwIfAborted()
      try {
        const found = await look()
        if (found !== null) return found
      } catch (error) {
        // While `serve` is down nothing answers; the next look may find it up again.
        if (asSlipwayError(error)?.retry !== 'later') throw error
        last = error
      }
      await sleep(POLL_MS, undefined, { signal: this.#signal })
    }
    throw new Error(`${what} did not come about within ${seconds} s`, { cause: last })
  }

  /** Waits until a commit's release has come to an end in an environment. */
  async settled(environment: string, commit: string, seconds: number): Promise<Passage> {
    return this.until(`the end of ${commit.slice(0, 12)} in ${environment}`, seconds, async () => {
      const run = await this.run(commit)
      if (run?.status === 'failed')
        throw new Error(`the run of ${commit.slice(0, 12)} failed: ${run.reason}`)
      const passage = await this.passage(environment, commit)
      const isMoving =
        passage === null || passage.status === 'rolling' || passage.status === 'verifying'
      return isMoving ? null : passage
    })
  }
}
