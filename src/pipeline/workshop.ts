import type { StepCache } from './cache.ts'
import type { PlannedStep } from './planned-step.ts'
import type { Checkout, Sources } from './sources.ts'
import type { StepResult } from './types.ts'

export type WorkshopParts = {
  readonly steps: readonly PlannedStep[]
  readonly sources: Sources
  readonly cache: StepCache
  /** Absolute folder for checkouts; absent until something must run. */
  readonly folder: string
  /** Runs a cached step for real because its entry turned out to be damaged. */
  readonly rebuild: (planned: PlannedStep, reason: string) => Promise<StepResult>
}

export type Ready =
  | { readonly kind: 'ready'; readonly root: string }
  | { readonly kind: 'lacking'; readonly need: string }

/**
 * The checkout of a run. It is made when the first step must run, and outputs of cached steps are
 * put into it when a step that could read them runs: a run in which nothing changed makes neither.
 */
export class Workshop {
  readonly #parts: WorkshopParts
  readonly #steps: ReadonlyMap<string, PlannedStep>
  readonly #inPlace = new Map<string, Promise<string | null>>()
  #checkout: Promise<Checkout> | null = null

  constructor(parts: WorkshopParts) {
    this.#parts = parts
    this.#steps = new Map(parts.steps.map((planned) => [planned.step.id, planned]))
  }

  /** The checkout with the outputs of all that the step needs in it, or the need that cannot be had. */
  async readyFor(planned: PlannedStep): Promise<Ready> {
    const { root } = await this.#made()
    const lacking = await this.#placeNeeds(planned)
    return lacking === null ? { kind: 'ready', root } : { kind: 'lacking', need: lacking }
  }

  /** The step ran here: there is nothing to restore. */
  markRan(id: string): void {
    this.#inPlace.set(id, Promise.resolve(null))
  }

  /** Paths that other steps than this one leave. */
  outputsOfOthers(id: string): readonly string[] {
    return this.#parts.steps
      .filter(({ step }) => step.id !== id)
      .flatMap(({ step }) => step.outputs)
  }

  async close(): Promise<void> {
    if (this.#checkout !== null) await (await this.#checkout).release()
  }

  #made(): Promise<Checkout> {
    this.#checkout ??= this.#parts.sources.checkout(this.#parts.folder)
    return this.#checkout
  }

  /** Id of a need whose outputs cannot be had; null: all are in place. */
  async #placeNeeds({ step }: PlannedStep): Promise<string | null> {
    for (const id of step.needs) {
      const lacking = await this.#place(this.#steps.get(id)!)
      if (lacking !== null) return lacking
    }
    return null
  }

  #place(planned: PlannedStep): Promise<string | null> {
    const known = this.#inPlace.get(planned.step.id)
    if (known !== undefined) return known
    const placed = this.#placeNow(planned)
    this.#inPlace.set(planned.step.id, placed)
    return placed
  }

  async #placeNow(planned: PlannedStep): Promise<string | null> {
    const { step, key } = planned
    const lacking = await this.#placeNeeds(planned)
    if (lacking !== null || step.outputs.length === 0 || key === null) return lacking
    const { cache, rebuild } = this.#parts
    const entry = await cache.read(key)
    const { root } = await this.#made()
    const into = { root, step, others: this.outputsOfOthers(step.id) }
    if (entry !== null && (await cache.restore(entry, into))) return null
    const { status } = await rebuild(planned, 'its cache entry was damaged')
    return status === 'passed' ? null : step.id
  }
}
