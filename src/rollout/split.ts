import type { Split } from '../traffic/index.ts'

/** All requests to one revision. */
export function all(revision: string): Split {
  return { weights: { [revision]: 100 }, header: null, mirror: null, preview: null, sticky: false }
}

/** `weight` percent to the candidate, the rest to stable. */
export function share(stable: string, candidate: string, weight: number): Split {
  const rest = Math.round((100 - weight) * 10) / 10
  return { ...all(stable), weights: { [stable]: rest, [candidate]: weight }, sticky: false }
}

/** Whether the split in force is the one that was asked; key order and zero weights do not matter. */
export function isInForce(asked: Split, split: Split | null): boolean {
  return split !== null && canonical(asked) === canonical(split)
}

function canonical(split: Split): string {
  const weights = Object.entries(split.weights)
    .filter(([, weight]) => weight > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const header = split.header && [
    split.header.name.toLowerCase(),
    split.header.value,
    split.header.revision,
  ]
  const mirror = split.mirror && [split.mirror.revision, split.mirror.percent]
  return JSON.stringify([weights, header, mirror, split.preview, split.sticky])
}
