import { join } from 'node:path'
import { type ArtifactStore, type Builder, tagsFor } from '../artifact/index.ts'
import type { Project } from '../config/index.ts'
import type { Runner, Source } from '../controller/index.ts'
import type { Repository } from '../git/index.ts'
import type { Home } from '../home/index.ts'
import {
  type Graph,
  gitSources,
  type Packager,
  prepare,
  processExecutor,
  type RunEvent,
  type RunResult,
  runPlan,
  StepCache,
  verifySteps,
} from '../pipeline/index.ts'

export type RunnerParts = {
  readonly home: Home
  readonly repository: Repository
  readonly source: Source
  readonly artifacts: ArtifactStore
  readonly builder: Builder
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Runs pipelines as processes of this machine, and makes artifacts in the layout beside them. */
export function runnerOf(parts: RunnerParts): Runner {
  return {
    async run({ id, commit, branch, signal, onEvent }) {
      const project = await parts.source.project(commit)
      return runGraph(parts, {
        id,
        commit,
        branch,
        signal,
        onEvent,
        project,
        graph: undefined,
        env: {},
      })
    },
    async verify({ id, commit, environment, addresses, signal }) {
      const project = await parts.source.project(commit)
      if ((project.environments[environment]?.verify ?? []).length === 0) return null
      const graph = verifySteps(project, environment)
      const env = { ...addressVariables(addresses), SLIPWAY_ENVIRONMENT: environment }
      const onEvent = () => undefined
      const result = await runGraph(parts, {
        id,
        commit,
        branch: '',
        signal,
        onEvent,
        project,
        graph,
        env,
      })
      const failed = result.steps.filter((step) => step.status === 'failed')
      return result.ok
        ? null
        : failed.map((step) => `${step.id}: ${step.reason} (${step.log})`).join('; ')
    },
  }
}

/** Where the pipeline keeps what it remembers between runs. */
export function pipelineFiles(home: Home) {
  return {
    history: join(home.cache, 'history.json'),
    tools: join(home.cache, 'tools.json'),
    origins: join(home.cache, 'origins.json'),
  }
}

type GraphRun = {
  readonly id: string
  readonly commit: string
  readonly branch: string
  readonly project: Project
  /** Absent: the graph of a run. */
  readonly graph: Graph | undefined
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
}

async function runGraph(parts: RunnerParts, run: GraphRun): Promise<RunResult> {
  const { home, repository } = parts
  const files = pipelineFiles(home)
  const sources = await gitSources({ repository, commit: run.commit, memory: files.origins })
  const cache = new StepCache(home.cache)
  const { project, graph } = run
  const { plan, history } = await prepare({
    project,
    sources,
    cache,
    files,
    ...(graph ? { graph } : {}),
  })
  return runPlan({
    id: run.id,
    plan,
    history,
    sources,
    cache,
    executor: processExecutor(),
    packager: packagerOf(parts, run.branch),
    folders: { runs: home.runs, checkouts: home.checkouts, history: files.history },
    secrets: { env: parts.env, folder: project.root },
    env: run.env,
    onEvent: run.onEvent,
    signal: run.signal,
  })
}

/** The builders of `artifact` behind a pipeline's package steps. */
export function packagerOf(
  parts: Omit<RunnerParts, 'source' | 'env' | 'home'>,
  branch: string,
): Packager {
  const { repository, artifacts, builder } = parts
  return {
    async package({ service, root, start, output, dependencies, origin, signal }) {
      const { commit, version, committedAt } = origin
      const source = (await repository.originUrl()) ?? ''
      const labels = { commit, source, version, committedAt }
      const artifact = await builder.build({
        service,
        root,
        output,
        dependencies,
        start,
        labels,
        signal,
      })
      const versionTag =
        (await repository.tagsAt(commit)).find((tag) => tag.startsWith('v')) ?? null
      const tags = tagsFor({ service, commit, branch: branch === '' ? null : branch, versionTag })
      await artifacts.tag(artifact.digest, tags)
      return { service, digest: artifact.digest, version, commit }
    },
    has: async ({ digest }) => (await artifacts.inspect(digest)) !== null,
  }
}

/** `catalog` → `CATALOG_URL`, as instances get the addresses of what they need. */
function addressVariables(addresses: Readonly<Record<string, string>>): Record<string, string> {
  const name = (service: string) => `${service.toUpperCase().replaceAll('-', '_')}_URL`
  return Object.fromEntries(Object.entries(addresses).map(([service, url]) => [name(service), url]))
}
