import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Project } from '../../config/index.ts'
import { initRepository, type Repository } from '../../git/index.ts'
import { StepCache } from '../cache.ts'
import { gitSources } from '../git-sources.ts'
import type { PackageRequest, Packager } from '../packager.ts'
import type { Plan } from '../plan.ts'
import { type PrepareOptions, prepare } from '../prepare.ts'
import { processExecutor } from '../process/index.ts'
import { type RunOptions, runPlan } from '../run.ts'
import type { Packaged, RunEvent, RunResult } from '../types.ts'

export type Ran = { readonly result: RunResult; readonly events: readonly RunEvent[] }

/** A real repository, cache and run folders in a temporary place. */
export class Workplace {
  readonly folder: string
  readonly repo: string
  readonly cache: StepCache
  /** Services packaged so far, in order. */
  readonly packaged: string[] = []
  readonly #repository: Repository
  #runs = 0
  #seconds = 1_700_000_000

  constructor(folder: string, repository: Repository) {
    this.folder = folder
    this.repo = join(folder, 'repo')
    this.cache = new StepCache(join(folder, 'cache'))
    this.#repository = repository
  }

  static async make(): Promise<Workplace> {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-pipeline-'))
    return new Workplace(folder, await initRepository(join(folder, 'repo')))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Writes files (null: deletes) and commits. Returns the full SHA. */
  async commit(files: Readonly<Record<string, string | null>>): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      const full = join(this.repo, path)
      await mkdir(dirname(full), { recursive: true })
      if (text === null) await rm(full)
      else await writeFile(full, text)
    }
    const actor = 'Ada <ada@example.com>'
    this.#seconds += 60
    return this.#repository.commitAll({ message: { subject: 'Change' }, actor, at: this.#seconds })
  }

  async prepare(project: Project, more: Partial<PrepareOptions> = {}) {
    const repository = this.#repository
    const [commit, root = null] = await repository.idsOf(['HEAD^{commit}', 'HEAD:./'])
    const memory = this.file('cache/origins.json')
    const tags = await repository.tags()
    const prefix = async () => ''
    const sources = gitSources({ repository, commit: commit!, root, tags, prefix, memory })
    const files = {
      history: this.file('cache/history.json'),
      tools: this.file('cache/tools.json'),
      digests: this.file('cache/digests.json'),
    }
    const parts = { project, sources, cache: this.cache, files, build: 'test' }
    const prepared = await prepare({ ...parts, ...more })
    return { ...prepared, sources }
  }

  async plan(project: Project): Promise<Plan> {
    return (await this.prepare(project)).plan
  }

  /** Plans and runs HEAD. */
  async run(project: Project, more: Partial<RunOptions & PrepareOptions> = {}): Promise<Ran> {
    const { plan, history, sources } = await this.prepare(project, more)
    const events: RunEvent[] = []
    const result = await runPlan({
      id: `run-${++this.#runs}`,
      plan,
      history,
      sources,
      cache: this.cache,
      executor: processExecutor({ graceMs: 500 }),
      packager: this.packager(),
      folders: {
        runs: this.file('runs'),
        checkouts: this.file('checkouts'),
        history: this.file('cache/history.json'),
      },
      secrets: { env: {}, folder: this.repo },
      ...more,
      onEvent: (event) => {
        events.push(event)
        more.onEvent?.(event)
      },
    })
    return { result, events }
  }

  /** Stands for a builder: the digest is the content of the first output. */
  packager(): Packager {
    return {
      package: async (request) => this.#package(request),
      has: async () => true,
    }
  }

  file(path: string): string {
    return join(this.folder, path)
  }

  /** Names in a folder; none when it is not there. */
  async list(path: string): Promise<readonly string[]> {
    return readdir(this.file(path)).catch(() => [])
  }

  async #package({ service, root, output, origin }: PackageRequest): Promise<Packaged> {
    this.packaged.push(service)
    const text = await readFile(join(root, output[0]!), 'utf8')
    return {
      service,
      digest: `sha256:${text.trim()}`,
      version: origin.version,
      commit: origin.commit,
    }
  }
}

/** Step id → status, in the order of ids. */
export function statuses({ result }: Ran): Record<string, string> {
  const pairs = result.steps.map(({ id, status }): [string, string] => [id, status])
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Ids of the steps that really ran, sorted. */
export function ranIds({ result }: Ran): readonly string[] {
  return result.steps
    .filter(({ status }) => status === 'passed' || status === 'failed')
    .map(({ id }) => id)
    .sort()
}
