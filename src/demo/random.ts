/** Numbers from 0 (included) to 1 (excluded), the same for the same seed. */
export type Random = () => number

/** Mulberry32: Tommy Ettinger's public-domain generator, 32 bits of state. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One of them, by their weights. */
export function pick<T extends { readonly weight: number }>(random: Random, from: readonly T[]): T {
  const sum = from.reduce((total, { weight }) => total + weight, 0)
  let left = random() * sum
  for (const item of from) {
    left -= item.weight
    if (left < 0) return item
  }
  const last = from.at(-1)
  if (last === undefined) throw new RangeError('there is nothing to pick from')
  return last
}
