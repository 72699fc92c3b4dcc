import type {
  DesiredState,
  EnvironmentRepo,
  Promotion,
  Rollback,
  RolledBack,
  Written,
} from '../gitops/index.ts'

/** How old an answer of the environment repo may be: each costs git two processes. */
const FRESH_MS = 3000

type Seen = { readonly at: number; readonly answer: Promise<DesiredState | null> }

/** The environment repo as the loops see it: what others write is seen within seconds, our own at once. */
export class EnvironmentView {
  readonly #repo: EnvironmentRepo
  readonly #now: () => number
  readonly #seen = new Map<string, Seen>()

  constructor(repo: EnvironmentRepo, now: () => number) {
    this.#repo = repo
    this.#now = now
  }

  /** Null: the repo says nothing of the environment. Throws what EnvironmentRepo throws. */
  async read(environment: string): Promise<DesiredState | null> {
    const at = this.#now()
    const seen = this.#seen.get(environment)
    if (seen && at - seen.at < FRESH_MS) return seen.answer
    // A failure is remembered as long: what cannot be read is not asked for at every look.
    const answer = this.#repo.read(environment)
    this.#seen.set(environment, { at, answer })
    return answer
  }

  /** What it said at a commit that was read before; asks no remote. */
  async readAt(environment: string, commit: string): Promise<DesiredState | null> {
    return this.#repo.readAt(environment, commit)
  }

  async promote(promotion: Promotion): Promise<Written> {
    return this.#repo.promote(promotion).finally(() => this.#seen.delete(promotion.environment))
  }

  async revert(rollback: Rollback): Promise<RolledBack> {
    return this.#repo.revert(rollback).finally(() => this.#seen.delete(rollback.environment))
  }
}
