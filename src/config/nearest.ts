/**
 * The known word that was most likely meant; null: none is near (a third of its letters may differ).
 * Of several equally near the first.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null
  let least = Number.POSITIVE_INFINITY
  for (const each of known) {
    const far = distance(word.toLowerCase(), each.toLowerCase())
    if (far <= Math.max(1, Math.floor(Math.max(word.length, each.length) / 3)) && far < least) {
      best = each
      least = far
    }
  }
  return best
}

/** Only the first so many letters are compared: no key is longer, and junk must not cost time. */
const COMPARED = 64

/**
 * Letters to insert, delete, replace or swap with their neighbour until `from` is `to`: the optimal
 * string alignment form of Damerau-Levenshtein (Damerau 1964, doi:10.1145/363958.363994).
 */
export function distance(from: string, to: string): number {
  const a = from.slice(0, COMPARED)
  const b = to.slice(0, COMPARED)
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const differs = a[row - 1] === b[column - 1] ? 0 : 1
      let cost = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + differs,
      )
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return at(last, b.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
