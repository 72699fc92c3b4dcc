const AGAIN_MS = 60_000

/** What people are told that is in no record: each text once a minute, however often it comes up. */
export class Notes {
  readonly #world: { readonly now: () => number; readonly note: (text: string) => void }
  readonly #told = new Map<string, number>()

  constructor(world: { readonly now: () => number; readonly note: (text: string) => void }) {
    this.#world = world
  }

  tell(text: string): void {
    const now = this.#world.now()
    for (const [old, at] of this.#told) if (now - at >= AGAIN_MS) this.#told.delete(old)
    if (this.#told.has(text)) return
    this.#told.set(text, now)
    this.#world.note(text)
  }
}
