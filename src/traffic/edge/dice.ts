const GOLDEN = (Math.sqrt(5) - 1) / 2

/**
 * Numbers in [0, 1) that fill the interval evenly: after n draws each share is met to about 1/n, where
 * independent draws would be off by 1/√n. One revision's requests are still interleaved with another's.
 * Source: additive recurrence with the golden ratio (Kronecker sequence); Niederreiter 1992, ch. 3.
 */
export class Dice {
  #last: number

  constructor(seed: number = Math.random()) {
    this.#last = seed % 1
  }

  next(): number {
    const next = this.#last + GOLDEN
    this.#last = next >= 1 ? next - 1 : next
    return this.#last
  }
}
