/** The generator's numbers may be called in any order: `random(k)` is call k of mulberry32(seed). */
export function mulberry32(seed: number): (call: number) => number {
  return (call) => {
    const a = (seed + Math.imul(call + 1, 0x6d2b79f5)) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
