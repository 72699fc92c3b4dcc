import type { Project } from '../config/index.ts'
import { asSlipwayError } from '../errors/index.ts'
import { Drift } from './drift.ts'
import { EnvironmentLoop } from './environment-loop.ts'
import { Notes } from './notes.ts'
import { promoteWhatMay } from './promotions.ts'
import { newestRelease } from './records.ts'
import { Runs } from './runs.ts'
import { WorkloadLoop } from './workload-loop.ts'
import type { World } from './world.ts'

/** Pause between two looks at everything. A verdict is acted on within one of them. */
const LOOK_MS = 250
/** Pause after something outside failed: a push that is declined, a node that is not there. */
const AGAIN_MS = 1500
/** How often branches are asked for new commits. */
const BRANCHES_MS = 1000

/**
 * The loop: commits become runs, runs releases, releases promotions, promotions rollouts. It keeps
 * nothing that the log and the world do not say, so it may be killed anywhere and started again.
 */
export class Controller {
  readonly runs: Runs
  readonly workloads: WorkloadLoop
  readonly #world: World
  readonly #environments: EnvironmentLoop
  readonly #drift: Drift
  readonly #notes: Notes
  /** What failed → when it is tried again. */
  readonly #notBefore = new Map<string, number>()
  #project: Project
  #branchesAt = 0
  #release: string | null = null

  constructor(world: World, project: Project) {
    this.#world = world
    this.#project = project
    this.runs = new Runs(world)
    this.workloads = new WorkloadLoop(world)
    this.#notes = new Notes(world)
    this.#environments = new EnvironmentLoop(world, this.workloads, this.#notes)
    this.#drift = new Drift(world)
  }

  /** The project as it was at the newest release; before there is one, as the work tree has it. */
  get project(): Project {
    return this.#project
  }

  /** Looks until the signal; the steps under way are ended, what serves is left as it is. */
  async run(signal: AbortSignal): Promise<void> {
    this.runs.forgetLost()
    while (!signal.aborted) {
      await this.look()
      await pause(LOOK_MS, signal)
    }
    await Promise.all([this.runs.stop(), this.workloads.stop(), this.#environments.stop()])
  }

  /** One look at everything. What is expected to fail now and then is noted and tried again. */
  async look(): Promise<void> {
    await this.#attempt('commits', () => this.#lookAtBranches())
    await this.#attempt('project', () => this.#followProject())
    for (const environment of Object.keys(this.#project.environments)) {
      await this.#attempt(environment, () => this.#environments.reconcile(environment))
    }
    for (const environment of Object.values(this.#project.environments)) {
      const what = `promotion to ${environment.name}`
      await this.#attempt(what, () => promoteWhatMay(this.#world, environment))
    }
    await this.#attempt('drift', () => this.#drift.look())
  }

  async #lookAtBranches(): Promise<void> {
    const now = this.#world.now()
    if (now - this.#branchesAt < BRANCHES_MS) return
    this.#branchesAt = now
    await this.runs.look(this.#project)
  }

  async #followProject(): Promise<void> {
    const newest = newestRelease(this.#world.ledger)
    if (newest === null || newest.commit === this.#release) return
    this.#project = await this.#world.source.project(newest.commit)
    this.#release = newest.commit
  }

  /** An error for users is told once a minute, tried again after a while, and the rest goes on; one that nobody expects ends the process. */
  async #attempt(what: string, act: () => Promise<void>): Promise<void> {
    if (this.#world.now() < (this.#notBefore.get(what) ?? 0)) return
    try {
      await act()
    } catch (error) {
      const expected = asSlipwayError(error)
      if (expected === null) throw error
      // A lost race: somebody changed the record between look and save; the next look sees it.
      if (expected.code === 'version-conflict') return
      this.#notBefore.set(what, this.#world.now() + AGAIN_MS)
      this.#notes.tell(`${what}: ${expected.message}`)
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
