/**
 * The circles in "name → what it needs first": each as the names on the way, first and last the
 * same, `['a', 'b', 'a']`. One circle for each need that closes one; names nobody defined are skipped.
 */
export function cycles(edges: Readonly<Record<string, readonly string[]>>): readonly string[][] {
  const found: string[][] = []
  const done = new Set<string>()
  for (const start of Object.keys(edges)) walk(start, [])
  return found

  function walk(name: string, way: readonly string[]): void {
    const since = way.indexOf(name)
    if (since >= 0) found.push([...way.slice(since), name])
    if (since >= 0 || done.has(name) || !Object.hasOwn(edges, name)) return
    for (const next of edges[name] ?? []) walk(next, [...way, name])
    done.add(name)
  }
}
