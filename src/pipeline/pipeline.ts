import { join } from 'node:path'
import type { Project } from '../config/index.ts'
import type { Repository } from '../git/index.ts'
import { StepCache } from './cache.ts'
import { gitSources } from './git-sources.ts'
import { verifySteps } from './graph.ts'
import type { Packager } from './packager.ts'
import { PipelineError } from './pipeline-error.ts'
import type { Plan } from './plan.ts'
import { type PrepareOptions, prepare } from './prepare.ts'
import { type RunOptions, runPlan } from './run.ts'
import type { SecretPlace } from './secrets.ts'
import type { Sources } from './sources.ts'
import type { Executor, RunResult } from './types.ts'

export type PipelineParts = {
  /** Opened at the project's root. */
  readonly repository: Repository
  readonly executor: Executor
  readonly packager: Packager
  readonly secrets: SecretPlace
  /** Absolute; made when needed. */
  readonly folders: { readonly cache: string; readonly runs: string; readonly checkouts: string }
}

/** Which commit, and which part of its pipeline. */
export type PlanRequest = Pick<PrepareOptions, 'only' | 'useCache'> & {
  /** A branch, tag or SHA. */
  readonly commit: string
}

export type RunRequest = PlanRequest &
  Pick<RunOptions, 'id' | 'jobs' | 'failFast' | 'onEvent' | 'signal'>

export type VerifyRequest = RunRequest & {
  readonly environment: string
  /** Given to every step: the addresses of the environment's services. */
  readonly env: Readonly<Record<string, string>>
}

/** How large the cache may become until what was not used for longest goes. */
const CACHE_BYTES = 10 * 1024 ** 3

/** Plans and runs the pipeline of one repository, with its cache and history in one place. */
export class Pipeline {
  readonly #parts: PipelineParts
  readonly #cache: StepCache
  #prefix: Promise<string> | null = null
  #last: { readonly name: string; readonly sources: Sources } | null = null

  constructor(parts: PipelineParts) {
    this.#parts = parts
    this.#cache = new StepCache(parts.folders.cache)
  }

  /**
   * Text of a file (relative to root) at a commit: what runs is what is committed.
   * @throws PipelineError `unknown-commit`, `not-committed`
   */
  async fileAt(commit: string, path: string): Promise<string> {
    const text = await (await this.#sources(commit)).read(path)
    if (text === null) throw notCommitted(path, commit)
    return text
  }

  /** Full SHA of a branch, tag or SHA. @throws PipelineError `unknown-commit` */
  async commitOf(name: string): Promise<string> {
    return (await this.#sources(name)).commit
  }

  /** What a run would do and why. @throws PipelineError `unknown-commit`, and those of `graphOf` */
  async plan(project: Project, request: PlanRequest): Promise<Plan> {
    return (await this.#prepare(project, request)).plan
  }

  /** Builds, tests and packages a commit. Throws as `plan` and `runPlan` do. */
  async run(project: Project, request: RunRequest): Promise<RunResult> {
    return this.#run(project, request, {})
  }

  /** Runs an environment's verify steps against it. Throws as `verifySteps` and `runPlan` do. */
  async verify(project: Project, request: VerifyRequest): Promise<RunResult> {
    const graph = verifySteps(project, request.environment)
    return this.#run(project, request, { graph, env: request.env })
  }

  async #run(
    project: Project,
    request: RunRequest,
    { graph, env }: Pick<PrepareOptions, 'graph'> & Pick<RunOptions, 'env'>,
  ): Promise<RunResult> {
    const { executor, packager, secrets, folders } = this.#parts
    const { plan, history, sources } = await this.#prepare(project, request, graph)
    const result = await runPlan({
      ...request,
      ...(env === undefined ? {} : { env }),
      plan,
      history,
      sources,
      executor,
      packager,
      secrets,
      cache: this.#cache,
      folders: { ...folders, history: this.#file('history.json') },
    })
    if (result.steps.some(({ status }) => status === 'passed')) await this.#cache.prune(CACHE_BYTES)
    return result
  }

  async #prepare(project: Project, request: PlanRequest, graph?: PrepareOptions['graph']) {
    const sources = await this.#sources(request.commit)
    const files = { history: this.#file('history.json'), tools: this.#file('tools.json') }
    const { only, useCache = true } = request
    const some = {
      ...(only === undefined ? {} : { only }),
      ...(graph === undefined ? {} : { graph }),
    }
    const prepared = await prepare({
      project,
      sources,
      cache: this.#cache,
      files,
      useCache,
      ...some,
    })
    return { ...prepared, sources }
  }

  /** The sources of the commit that was asked for last are kept: each question costs git a process. */
  async #sources(name: string): Promise<Sources> {
    if (this.#last?.name === name && /^[0-9a-f]{40,}$/.test(name)) return this.#last.sources
    const { repository } = this.#parts
    this.#prefix ??= repository.prefix()
    const [commit, prefix] = await Promise.all([repository.resolve(name), this.#prefix])
    if (commit === null) throw unknownCommit(name)
    if (this.#last?.sources.commit === commit) return this.#last.sources
    const memory = this.#file('origins.json')
    const sources = await gitSources({ repository, commit, prefix, memory })
    this.#last = { name: commit, sources }
    return sources
  }

  #file(name: string): string {
    return join(this.#parts.folders.cache, name)
  }
}

function unknownCommit(name: string): PipelineError {
  return new PipelineError({
    code: 'unknown-commit',
    fault: 'input',
    message: `there is no commit ${name}: name a branch, a tag or a SHA, and commit at least once`,
  })
}

function notCommitted(path: string, commit: string): PipelineError {
  return new PipelineError({
    code: 'not-committed',
    fault: 'input',
    message: `${path} is not in ${commit}: commit it, what runs is what is committed`,
  })
}
