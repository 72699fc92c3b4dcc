import type { DesiredState } from '../gitops/index.ts'
import type { Passage } from '../release/index.ts'
import { passageId } from './records.ts'
import type { World } from './world.ts'

type Verifying = { readonly abort: AbortController; readonly done: Promise<void> }

/** Runs an environment's verify steps once a release runs there everywhere. */
export class Verification {
  readonly #world: World
  readonly #running = new Map<string, Verifying>()

  constructor(world: World) {
    this.#world = world
  }

  /** Begins, unless it is under way in this process; one of an older release in the environment is ended. */
  start(passage: Passage, desired: DesiredState): void {
    const id = passageId(passage.environment, passage.release)
    if (this.#running.has(id)) return
    this.end(passage.environment)
    const abort = new AbortController()
    const done = this.#verify(passage, desired, abort.signal)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
      .then((failure) => {
        if (!abort.signal.aborted) this.#end(id, failure)
      })
      .finally(() => this.#running.delete(id))
    this.#running.set(id, { abort, done })
  }

  /** Ends what is under way for an environment: its release is no longer what is asked about. */
  end(environment: string): void {
    for (const [id, { abort }] of this.#running) {
      if (id.startsWith(`${environment}/`)) abort.abort()
    }
  }

  /** Ends all of them, their process trees too; the next process begins them again. */
  async stop(): Promise<void> {
    const running = [...this.#running.values()]
    for (const { abort } of running) abort.abort()
    await Promise.all(running.map(({ done }) => done))
  }

  async #verify(
    passage: Passage,
    desired: DesiredState,
    signal: AbortSignal,
  ): Promise<string | null> {
    const release = this.#world.ledger.get('release', passage.release)?.value
    if (!release) return `release ${passage.release} is not in the log`
    const addresses: Record<string, string> = {}
    for (const workload of desired.workloads) {
      const address = await this.#world.traffic.address(workload)
      if (address) addresses[workload.service] = address.direct
    }
    const { environment } = passage
    const id = `verify-${environment}-${release.id}`
    return this.#world.runner.verify({ id, commit: release.commit, environment, addresses, signal })
  }

  #end(id: string, failure: string | null): void {
    const passage = this.#world.ledger.get('passage', id)
    if (passage?.value.status !== 'verifying') return
    const status = failure === null ? ('passed' as const) : ('failed' as const)
    const reason = failure ?? 'it runs everywhere, and its verify steps passed'
    const value = { ...passage.value, status, reason, since: this.#world.now() }
    this.#world.ledger.put(
      'passage',
      { ...passage, value },
      { type: `passage.${status}`, actor: 'slipway', data: { reason } },
    )
  }
}
