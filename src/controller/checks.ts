import type { RolloutRecord } from './records.ts'
import type { World } from './world.ts'

type Checking = { readonly abort: AbortController; readonly done: Promise<void> }

/** Runs an environment's verify steps against the preview of a version that has no traffic yet. */
export class Checks {
  readonly #world: World
  readonly #running = new Map<string, Checking>()

  constructor(world: World) {
    this.#world = world
  }

  /** The record as a look may see it: checks that ran in a process that is gone have not been run. */
  seenBy(record: RolloutRecord, id: string): RolloutRecord {
    const isLost = record.checks?.status === 'running' && !this.#running.has(id)
    return isLost ? { ...record, checks: null } : record
  }

  start(id: string, record: RolloutRecord): void {
    if (this.#running.has(id)) return
    this.#save(id, { status: 'running', reason: 'the preview is being checked' })
    const abort = new AbortController()
    const done = this.#check(id, record, abort.signal)
      .catch((error: unknown) => String(error))
      .then((failure) => {
        if (abort.signal.aborted) return
        const passed = { status: 'passed' as const, reason: 'the preview passed its checks' }
        this.#save(id, failure === null ? passed : { status: 'failed', reason: failure })
      })
      .finally(() => this.#running.delete(id))
    this.#running.set(id, { abort, done })
  }

  /** Ends what is under way for a rollout that no longer needs it. */
  end(id: string): void {
    this.#running.get(id)?.abort.abort()
  }

  /** Ends all of them, their process trees too. */
  async stop(): Promise<void> {
    const running = [...this.#running.values()]
    for (const { abort } of running) abort.abort()
    await Promise.all(running.map(({ done }) => done))
  }

  async #check(id: string, record: RolloutRecord, signal: AbortSignal): Promise<string | null> {
    const { environment, service } = record.spec.workload
    const { ledger, traffic } = this.#world
    const addresses: Record<string, string> = {}
    for (const workload of ledger.values('workload')) {
      if (workload.environment !== environment) continue
      const address = await traffic.address(workload)
      if (address) addresses[workload.service] = address.direct
    }
    const preview = (await traffic.address(record.spec.workload))?.directPreview
    if (!preview) return `${service} has no preview address`
    const release = record.release === null ? null : ledger.get('release', record.release)
    return this.#world.runner.verify({
      id: `check-${id}`,
      commit: release?.value.commit ?? record.candidate.commit,
      environment,
      addresses: { ...addresses, [service]: preview },
      signal,
    })
  }

  #save(id: string, checks: NonNullable<RolloutRecord['checks']>): void {
    const found = this.#world.ledger.get('rollout', id)
    if (found === null) return
    const value = { ...found.value, checks }
    const type = `rollout.checks-${checks.status}`
    this.#world.ledger.put(
      'rollout',
      { ...found, value },
      { type, actor: 'slipway', data: { reason: checks.reason } },
    )
  }
}
