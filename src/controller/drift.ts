import { workloadId } from './records.ts'
import type { World } from './world.ts'

/** Records what happened to instances without Slipway's asking, and that it was put right. */
export class Drift {
  readonly #world: World
  #after: number | null = null

  constructor(world: World) {
    this.#world = world
  }

  async look(): Promise<void> {
    const after = this.#after ?? this.#lastRecorded()
    const events = await this.#world.platform.events(after)
    for (const event of events) {
      const { seq, instance, revision, kind, message } = event
      const data = { seq, instance, revision, kind, message }
      const type = `workload.instance-${kind}`
      this.#world.ledger.note('workload', workloadId(event.workload), {
        type,
        actor: 'slipway',
        data,
      })
    }
    this.#after = events.at(-1)?.seq ?? after
  }

  /** Where the log left off, so that a new process records nothing twice. */
  #lastRecorded(): number {
    let last = 0
    let after = 0
    for (;;) {
      const events = this.#world.ledger.store.read({ after, kind: 'workload', limit: 1000 })
      if (events.length === 0) return last
      for (const { type, data } of events) {
        const seq = data !== null && typeof data === 'object' && 'seq' in data ? data.seq : null
        if (type.startsWith('workload.instance-') && typeof seq === 'number')
          last = Math.max(last, seq)
      }
      after = events.at(-1)!.seq
    }
  }
}
