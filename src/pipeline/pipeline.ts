import { basename, join } from 'node:path'
import type { Project } from '../config/index.ts'
import type { Repository } from '../git/index.ts'
import { StepCache } from './cache.ts'
import { gitSources, idOf } from './git-sources.ts'
import { verifySteps } from './graph.ts'
import { readSealed, writeSealed } from './json-file.ts'
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
  /**
   * Changes with every build of Slipway; null: unknown, and nothing is remembered that another build
   * might read otherwise.
   */
  readonly build: string | null
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

export type ProjectFile = {
  /** Absolute path of the file in the work tree. */
  readonly file: string
  /** The project that a text means; throws when it is wrong. */
  readonly parse: (text: string) => Promise<Project>
}

export type ProjectAt = { readonly commit: string; readonly project: Project }

type RememberedProject = { readonly of: string; readonly project: Project }

/** How large the cache may become until what was not used for longest goes. */
const CACHE_BYTES = 10 * 1024 ** 3

/** Plans and runs the pipeline of one repository, with its cache and history in one place. */
export class Pipeline {
  readonly #parts: PipelineParts
  readonly #cache: StepCache
  readonly #prefix: () => Promise<string>
  #last: Sources | null = null

  constructor(parts: PipelineParts) {
    this.#parts = parts
    this.#cache = new StepCache(parts.folders.cache)
    let prefix: Promise<string> | null = null
    this.#prefix = () => {
      prefix ??= parts.repository.prefix()
      return prefix
    }
  }

  /**
   * The project as its file says at a commit: what runs is what is committed. A file that was read
   * before is not parsed again.
   * @throws PipelineError `unknown-commit`, `not-committed`, and what `parse` throws
   */
  async projectAt(name: string, { file, parse }: ProjectFile): Promise<ProjectAt> {
    const { sources, blob } = await this.#lookUp(name, basename(file))
    if (blob === null) throw notCommitted(basename(file), name)
    const { build } = this.#parts
    const of = `${build} ${blob} ${file}`
    const memory = this.#file('project.json')
    const kept = build === null ? null : await readSealed<RememberedProject>(memory)
    if (kept?.of === of) return { commit: sources.commit, project: kept.project }
    const text = (await this.#parts.repository.readBlobs([blob])).get(blob)!.toString('utf8')
    const project = await parse(text)
    if (build !== null) await writeSealed<RememberedProject>(memory, { of, project })
    return { commit: sources.commit, project }
  }

  /**
   * A name for the work tree as it is, changes that are in no commit included: `COMMIT+ID`, to be given
   * wherever a commit is. Just the commit where nothing is changed.
   */
  async snapshot(): Promise<string> {
    const { commit, base } = await this.#parts.repository.snapshot()
    return commit === base ? commit : `${base ?? 'nothing'}+${commit}`
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
    const files = {
      history: this.#file('history.json'),
      tools: this.#file('tools.json'),
      digests: this.#file('digests.json'),
    }
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
      build: this.#parts.build,
      useCache,
      ...some,
    })
    return { ...prepared, sources }
  }

  /** The sources of the commit that was asked for last are kept: each question costs git a process. */
  async #sources(name: string): Promise<Sources> {
    if (this.#last?.commit === name) return this.#last
    return (await this.#lookUp(name, null)).sources
  }

  /** The sources of a commit, and git's id of a file's content there; null: there is no such file. */
  async #lookUp(name: string, path: string | null) {
    const { repository } = this.#parts
    const of = idOf(name)
    const names = [`${of}^{commit}`, `${of}:./`, ...(path === null ? [] : [`${of}:./${path}`])]
    const [[id = null, root = null, blob = null], tags] = await Promise.all([
      repository.idsOf(names),
      repository.tags(),
    ])
    if (id === null) throw unknownCommit(name)
    const commit = name === of ? id : name
    const memory = this.#file('origins.json')
    this.#last = gitSources({ repository, commit, root, tags, prefix: this.#prefix, memory })
    return { sources: this.#last, blob }
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
