import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cloneBare, initBare, type Repository } from '../git/index.ts'
import { causeOf } from './cause.ts'
import { GitopsError } from './gitops-error.ts'
import { environmentFolder } from './layout.ts'
import { checkPromotion, type Promotion, promotionChange } from './promotion.ts'
import { type Kept, planRollback, type Rollback } from './rollback.ts'
import { type Change, filesAt, filesOf, lastChange } from './tip.ts'
import type { CommitCause, DesiredState } from './workload.ts'
import { parseWorkload } from './workload-yaml.ts'

/** What a write did. */
export type Written = {
  /** The commit that was made; when nothing changed, the one that stands. */
  readonly commit: string
  /** Services that it touched; empty: nothing changed. */
  readonly services: readonly string[]
}

export type RolledBack = Written & { readonly kept: readonly Kept[] }

export type EnvironmentCommit = {
  readonly commit: string
  readonly subject: string
  readonly cause: CommitCause
}

export type EnvironmentRepoPlace = {
  /** Any address that git takes; when embedded, the path of a bare repository. */
  readonly url: string
  /** Slipway's own bare clone of it; several processes may share one. */
  readonly cloneFolder: string
  /** Make the repository when it is not there. */
  readonly embedded: boolean
  /** Default `main`. */
  readonly branch?: string
}

const WRITE_ATTEMPTS = 60
const LONGEST_PAUSE_MS = 500

/**
 * The Git repository that says what must run where.
 * Every method but `readAt` fetches first and may throw GitError `remote-…`; nothing has changed then.
 */
export class EnvironmentRepo {
  readonly #repository: Repository
  readonly #branch: string
  /** By environment: what was read at which tip, so that a look that finds nothing new costs one fetch. */
  readonly #lastRead = new Map<string, { readonly tip: string; readonly state: DesiredState }>()
  #writing: Promise<unknown> = Promise.resolve()

  constructor(repository: Repository, branch: string) {
    this.#repository = repository
    this.#branch = branch
  }

  /**
   * What the environment must run; null: the repo says nothing of it.
   * @throws GitopsError `broken-workload` naming file, line and fault of everything that is wrong: keep the last good state
   */
  async read(environment: string): Promise<DesiredState | null> {
    environmentFolder(environment)
    const tip = await this.head()
    if (tip === null) return null
    const known = this.#lastRead.get(environment)
    if (known?.tip === tip) return known.state
    const state = await this.readAt(environment, tip)
    if (state) this.#lastRead.set(environment, { tip, state })
    return state
  }

  /**
   * What the environment had to run at a commit that was read before; asks no remote. Null: it said nothing of it.
   * @throws GitopsError `broken-workload`
   */
  async readAt(environment: string, commit: string): Promise<DesiredState | null> {
    const last = await lastChange(this.#repository, commit, environmentFolder(environment))
    if (!last) return null
    const files = await filesAt(this.#repository, last.commit, environment)
    if (files.size === 0) return null
    return { environment, ...last, workloads: parseAll(files) }
  }

  /** Full SHA of the newest commit; null: there is none yet. */
  async head(): Promise<string | null> {
    await this.#repository.fetch()
    return this.#tip()
  }

  /** Commits that touched the environment, newest first. */
  async history(environment: string, limit: number): Promise<readonly EnvironmentCommit[]> {
    const tip = await this.head()
    if (tip === null) return []
    const paths = filesOf(environmentFolder(environment))
    const commits = await this.#repository.log({ to: tip, limit, paths })
    return commits.map((one) => ({
      commit: one.commit,
      subject: one.subject,
      cause: causeOf(one),
    }))
  }

  /**
   * One commit that writes exactly the workloads given; none when they are there already.
   * @throws GitopsError `empty-render`, `digest-held`, `broken-workload`, `lost-every-race`; GitError `push-declined`
   */
  async promote(promotion: Promotion): Promise<Written> {
    checkPromotion(promotion)
    return this.#write(promotion, async (tip) => {
      const files = tip ? await filesAt(this.#repository, tip, promotion.environment) : new Map()
      return promotionChange(promotion, files)
    })
  }

  /**
   * One commit that undoes another, for those workloads that still are as it left them; none when there are none.
   * @returns `kept`: what was left alone, and why
   * @throws GitopsError `lost-every-race`, `unknown-environment` (the repo is empty); GitError `push-declined`, `unknown-commit`
   */
  async revert(rollback: Rollback): Promise<RolledBack> {
    environmentFolder(rollback.environment)
    let kept: readonly Kept[] = []
    const written = await this.#write(rollback, async (tip) => {
      if (tip === null) throw nothingThere(rollback.environment)
      const plan = await planRollback(this.#repository, tip, rollback)
      kept = plan.kept
      return plan.change
    })
    return { ...written, kept }
  }

  /**
   * Plans on the newest commit and pushes; when another writer came first, plans again on theirs. One at a
   * time in this process, so that only others can come first.
   */
  async #write(by: Writer, plan: (tip: string | null) => Promise<Change | null>): Promise<Written> {
    const write = () => this.#writeNow(by, plan)
    const result = this.#writing.then(write, write)
    this.#writing = result
    return result
  }

  async #writeNow(
    by: Writer,
    plan: (tip: string | null) => Promise<Change | null>,
  ): Promise<Written> {
    for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt += 1) {
      const tip = await this.head()
      const change = await plan(tip)
      if (!change && tip) return { commit: tip, services: [] }
      if (!change) throw new RangeError('a write to an empty repository that changes nothing')
      const commit = await this.#repository.commitTree({ parent: tip, ...by, ...change })
      const push = await this.#repository.push(commit, this.#branch)
      if (push.status === 'pushed') return { commit, services: change.services }
      await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 20 * 2 ** attempt))
    }
    throw lostEveryRace()
  }

  async #tip(): Promise<string | null> {
    return this.#repository.resolve(`refs/remotes/origin/${this.#branch}`)
  }
}

type Writer = { readonly actor: string; readonly at: number }

/** Opens the environment repo, and makes it first when it is embedded and not there. Throws GitError `remote-…`. */
export async function openEnvironmentRepo(place: EnvironmentRepoPlace): Promise<EnvironmentRepo> {
  const branch = place.branch ?? 'main'
  const url = place.embedded ? resolve(place.url) : place.url
  if (place.embedded) await initBare(url, branch)
  return new EnvironmentRepo(await cloneBare(url, place.cloneFolder), branch)
}

/** Every file, or one error that names the faults of all. */
function parseAll(files: ReadonlyMap<string, string>): DesiredState['workloads'] {
  const faults: GitopsError[] = []
  const workloads = [...files].flatMap(([file, text]) => {
    try {
      return [parseWorkload(text, file)]
    } catch (error) {
      if (!(error instanceof GitopsError)) throw error
      faults.push(error)
      return []
    }
  })
  const [first, ...others] = faults
  if (!first) return workloads
  if (others.length === 0) throw first
  throw new GitopsError({
    code: first.code,
    fault: first.fault,
    message: faults.map((fault) => fault.message).join('\n'),
    cause: first,
  })
}

function nothingThere(environment: string): GitopsError {
  return new GitopsError({
    code: 'unknown-environment',
    fault: 'input',
    message: `the environment repo has no commit yet, so ${environment} has nothing to go back to: promote a release first`,
  })
}

function lostEveryRace(): GitopsError {
  return new GitopsError({
    code: 'lost-every-race',
    fault: 'outside',
    retry: 'later',
    message: `other writers came first ${WRITE_ATTEMPTS} times in a row: nothing was changed; it is tried again later`,
  })
}
