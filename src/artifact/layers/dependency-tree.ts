import { posix } from 'node:path'
import type { BuildRequest } from '../artifact.ts'
import { developmentPackages, isForDevelopment, withoutLeftovers } from './runtime-dependencies.ts'
import { collectTree, type Entry, exists, normalPath, sorted } from './tree.ts'

/** What goes into a layer, and what people call it. */
export type DependencyTree = { readonly entries: readonly Entry[]; readonly title: string }

/**
 * The files of a service's runtime dependencies. A `node_modules` that is not there is one without
 * packages: npm makes none for a service that needs nothing.
 */
export async function dependencyTree(request: BuildRequest): Promise<DependencyTree> {
  const trees: Entry[][] = []
  let isWhole = false
  for (const given of request.dependencies) {
    const path = normalPath(given)
    if (posix.basename(path) !== 'node_modules') {
      trees.push(await collectTree({ ...request, paths: [path], isLeftOut: () => false }))
    } else if (await exists(request.root, path)) {
      const packages = await developmentPackages(request.root, path)
      if (packages.lockfile === null) isWhole = true
      const isLeftOut = (below: string) => isForDevelopment(below, packages)
      const tree = await collectTree({ ...request, paths: [path], isLeftOut })
      trees.push(withoutLeftovers(tree))
    }
  }
  return {
    entries: sorted(new Map(trees.flat().map((entry) => [entry.path, entry])).values()),
    title: isWhole ? 'dependencies (no lockfile: those for development as well)' : 'dependencies',
  }
}
