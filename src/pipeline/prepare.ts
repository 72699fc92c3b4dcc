import type { Project } from '../config/index.ts'
import type { StepCache } from './cache.ts'
import { graphOf, graphOfServices, subgraph } from './graph.ts'
import { type History, readHistory } from './history.ts'
import { inputDigests } from './input-digests.ts'
import { type Facts, type Plan, plan } from './plan.ts'
import { searchPath } from './process/index.ts'
import type { Origin, Sources } from './sources.ts'
import { mentionedTools, toolVersions } from './tools.ts'
import { Tree } from './tree.ts'
import type { Graph } from './types.ts'

export type PrepareOptions = {
  readonly project: Project
  readonly sources: Sources
  readonly cache: StepCache
  /** Absolute paths. */
  readonly files: {
    readonly history: string
    readonly tools: string
    readonly digests: string
  }
  /** Which build of Slipway this is; null: unknown, and nothing is remembered that another might read otherwise. */
  readonly build: string | null
  /** Default: the graph of a run. */
  readonly graph?: Graph
  /** Services to which the run is limited, with what they need; absent: all. */
  readonly only?: readonly string[]
  /** False: every step runs; what passes is kept all the same. */
  readonly useCache?: boolean
}

export type Prepared = { readonly plan: Plan; readonly history: History }

/** Gathers the facts and plans: reads the tree, the cache's keys and the history, and runs nothing of the user's. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { sources, cache, files } = options
  const graph = graphFor(options)
  const globs = graph.steps.map((step) => step.inputs)
  const memory = files.digests
  const [inputs, cached, history, tools, origins] = await Promise.all([
    inputDigests({ sources, globs, memory, build: options.build }),
    options.useCache === false ? new Set<string>() : cache.keys(),
    readHistory(files.history),
    toolVersions(allTools(graph), { path: searchPath(), file: files.tools }),
    originsOf(graph, sources),
  ])
  const { commit } = sources
  const facts: Facts = { commit, inputs, cached, history, tools, origins, trees: new Map() }
  const first = plan(graph, facts)
  const trees = await treesToCompare(first, history, sources)
  const final = trees.size === 0 ? first : plan(graph, { ...facts, trees })
  return { plan: final, history }
}

function graphFor({ project, sources, only, graph = graphOf(project) }: PrepareOptions): Graph {
  const limited = only === undefined ? graph : graphOfServices(graph, project, only)
  return sources.isDirty ? withoutArtifacts(limited) : limited
}

/** An artifact is made of a commit; a work tree with changes is only tested and built. */
function withoutArtifacts(graph: Graph): Graph {
  const byId = new Map(graph.steps.map((step) => [step.id, step]))
  const packages = (id: string): boolean => {
    const step = byId.get(id)!
    return step.action.kind === 'package' || step.needs.some(packages)
  }
  return subgraph(
    graph,
    graph.steps.filter(({ id }) => !packages(id)).map(({ id }) => id),
  )
}

function allTools(graph: Graph): readonly string[] {
  return [...new Set(graph.steps.flatMap(mentionedTools))]
}

async function originsOf(graph: Graph, sources: Sources): Promise<Record<string, Origin>> {
  const packages = graph.steps.flatMap(({ action, inputs }) =>
    action.kind === 'package' ? [{ service: action.service, inputs }] : [],
  )
  const origins = await sources.origins(packages.map(({ inputs }) => inputs))
  return Object.fromEntries(packages.map(({ service }, i) => [service, origins[i]!]))
}

/** The files now and at the commits at which steps that must run ran the last time; empty: none is to be compared. */
async function treesToCompare(first: Plan, history: History, sources: Sources) {
  const changed = first.steps.filter(({ cached, key, step, fingerprint }) => {
    const then = history[step.id]?.fingerprint
    return !cached && key !== null && then !== undefined && then.inputs !== fingerprint.inputs
  })
  const commits = new Set(changed.map(({ step }) => history[step.id]!.commit))
  const earlier = await Promise.all(
    [...commits].map(async (commit) => [commit, await sources.treeAt(commit)] as const),
  )
  const trees = new Map(
    earlier.flatMap(([commit, entries]) => (entries === null ? [] : [[commit, new Tree(entries)]])),
  )
  if (trees.size > 0) trees.set(sources.commit, new Tree(await sources.tree()))
  return trees
}
