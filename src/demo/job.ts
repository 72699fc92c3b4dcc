import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Home, homeOf } from '../home/index.ts'
import { type Api, ControlPlane } from './control-plane.ts'
import { type Databases, openDatabases } from './databases.ts'
import { type Load, type LoadSnapshot, startLoad } from './load.ts'
import { shopTargets } from './load-shop.ts'
import { type Running, start } from './process.ts'
import { removeFolder } from './remove-folder.ts'
import { Shop } from './shop.ts'
import { badRequests, type CommitSummary, commitSummary, type Summary } from './summary.ts'

const ENVIRONMENTS = ['dev', 'staging', 'production'] as const
const RATE_PER_SECOND = 300
/** Traffic on production before the first change, so that the judge knows what is usual. */
const USUAL_SECONDS = 25
const PATIENCE_SECONDS = 240

export type JobOptions = {
  /** Absolute path of examples/shop. */
  readonly example: string
  /** The program that runs this: Node and the bundle. */
  readonly slipway: { readonly command: string; readonly args: readonly string[] }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly connect: (home: Home) => Api
  readonly port: number
  readonly signal: AbortSignal
  readonly view: JobView
}

/** Where the job tells how it goes. */
export interface JobView {
  /** Something that is worth a line of its own. */
  say(text: string): void
  /** A commit is through: what became of it. */
  commit(summary: CommitSummary): void
  /** From here on there is something to look at live. */
  watch(plane: ControlPlane, load: () => LoadSnapshot | null): void
}

/** What the job leaves running, for people to look at. */
export type Finished = {
  readonly summary: Summary
  readonly load: LoadSnapshot
  readonly home: Home
  readonly folder: string
  /** `http://storefront.production.localhost:8080` */
  readonly address: string
  /** Ends what runs and removes what was made. */
  readonly close: () => Promise<void>
}

/** The main job: four commits of the shop, under load, with a bad one among them and two kills. */
export async function runJob(options: JobOptions): Promise<Finished> {
  const job = new Job(options)
  try {
    return await job.run()
  } catch (error) {
    if (options.signal.aborted) await job.close()
    else {
      await job.stop()
      options.view.say(`what it left, logs too, is in ${job.folder}`)
    }
    throw error
  }
}

class Job {
  readonly #options: JobOptions
  readonly folder = mkdtempSync(join(tmpdir(), 'slipway-demo-'))
  readonly #home = homeOf(join(this.folder, 'shop', '.slipway'))
  readonly #plane: ControlPlane
  readonly #commits: CommitSummary[] = []
  readonly #startedAt = performance.now()
  #databases: Databases | null = null
  #node: Running | null = null
  #serve: Running | null = null
  #load: Load | null = null

  constructor(options: JobOptions) {
    this.#options = options
    this.#plane = new ControlPlane(options.connect(this.#home), options.signal)
  }

  async run(): Promise<Finished> {
    const { example, view } = this.#options
    // Postgres gives up root, and must still reach its programs below.
    chmodSync(this.folder, 0o711)
    mkdirSync(join(this.folder, 'logs'))
    const { shop, commit } = await Shop.create(join(this.folder, 'shop'), example)
    view.say(`the shop's repository: ${shop.folder}`)
    await this.#startPrograms()
    view.watch(this.#plane, () => this.#load?.snapshot() ?? null)

    await this.#follow('open the shop', commit)
    await this.#startLoad()
    await this.#follow('a good change to two services', await shop.send(2))
    const rolledBack = await this.#follow(
      'a change that fails 3 % of checkouts',
      await shop.send(3),
    )
    await this.#follow('a good change, with two kills', await shop.send(4), (sent) =>
      this.#kill(sent),
    )

    const load = await this.#load!.stop()
    return {
      summary: await this.#summary(load, rolledBack),
      load,
      home: this.#home,
      folder: this.folder,
      address: `http://storefront.production.localhost:${this.#options.port}`,
      close: () => this.close(),
    }
  }

  async close(): Promise<void> {
    await this.stop()
    removeFolder(this.folder)
  }

  /** Ends all that it started, the last first. */
  async stop(): Promise<void> {
    await this.#load?.stop()
    await this.#serve?.stop()
    await this.#node?.stop()
    await this.#databases?.close()
  }

  async #startPrograms(): Promise<void> {
    const { env, port, view } = this.#options
    this.#databases = await openDatabases({
      ...this.#options,
      names: ENVIRONMENTS,
      log: this.#log('postgres'),
    })
    this.#node = await this.#start('node', ['--port', String(port)], {
      ...env,
      ...this.#databases.env,
    })
    this.#serve = await this.#start('serve', [], env)
    view.say(
      `the edge listens on port ${port}; slipway node is ${this.#node.pid}, slipway serve ${this.#serve.pid}`,
    )
  }

  #start(verb: string, args: readonly string[], env: JobOptions['env']): Promise<Running> {
    const { command, args: program } = this.#options.slipway
    return start({
      name: `slipway ${verb}`,
      command,
      args: [...program, verb, ...args],
      cwd: join(this.folder, 'shop'),
      env,
      log: this.#log(verb),
    })
  }

  #log(name: string): string {
    return join(this.folder, 'logs', `${name}.log`)
  }

  async #startLoad(): Promise<void> {
    const { port, view, signal } = this.#options
    const hostOf = (service: string) => `${service}.production.localhost:${port}`
    const targets = await shopTargets({ origin: `http://127.0.0.1:${port}`, hostOf })
    this.#load = startLoad({
      targets,
      ratePerSecond: RATE_PER_SECOND,
      agentConnections: 32,
      seed: 1,
      signal,
    })
    view.say(`customers come: ${RATE_PER_SECOND} requests/s on production, whatever the answers`)
    await sleep(USUAL_SECONDS * 1000, undefined, { signal })
  }

  /** Waits until a commit is through production or has been turned back on its way. */
  async #follow(
    name: string,
    commit: string,
    meanwhile: (commit: string) => Promise<void> = async () => undefined,
  ): Promise<CommitSummary> {
    this.#options.view.say(`commit ${commit.slice(0, 7)}: ${name}`)
    const before = this.#load?.snapshot() ?? null
    await meanwhile(commit)
    for (const environment of ENVIRONMENTS) {
      const passage = await this.#plane.settled(environment, commit, PATIENCE_SECONDS)
      if (passage.status !== 'passed') break
    }
    await this.#quiet()
    const summary = await this.#summaryOf({ name, commit }, before)
    this.#commits.push(summary)
    this.#options.view.commit(summary)
    return summary
  }

  /** Until no rollout is under way: those of a release that was turned back go on after its end. */
  async #quiet(): Promise<void> {
    await this.#plane.until('the end of every rollout', 60, async () => {
      const rollouts = await this.#plane.rollouts()
      return rollouts.every((rollout) => rollout.phase === 'settled') ? true : null
    })
  }

  async #summaryOf(
    { name, commit }: { readonly name: string; readonly commit: string },
    before: LoadSnapshot | null,
  ): Promise<CommitSummary> {
    const run = await this.#plane.run(commit)
    if (run === null) throw new Error(`the run of ${commit} is not in the log`)
    const events = await this.#plane.events('passage')
    const rollouts = await this.#plane.rollouts()
    const load = this.#load?.snapshot() ?? null
    return commitSummary({ name, commit, run, events, rollouts }, { before, load })
  }

  /** Two kills without warning: an instance that serves, and the control plane in the middle of a rollout. */
  async #kill(commit: string): Promise<void> {
    const { view, env } = this.#options
    const victim = await this.#plane.until('an instance to kill', 30, () => this.#servingInstance())
    process.kill(-victim, 'SIGKILL')
    view.say(`killed an instance of production/catalog (pid ${victim}) with SIGKILL`)
    await this.#plane.until('a rollout in the middle', PATIENCE_SECONDS, async () => {
      const rollouts = await this.#plane.rollouts()
      const isMidway = rollouts.some(
        (one) =>
          one.environment === 'production' &&
          one.release === commit.slice(0, 12) &&
          one.weight > 0 &&
          one.phase === 'progressing',
      )
      return isMidway ? true : null
    })
    await sleep(3000, undefined, { signal: this.#options.signal })
    this.#serve?.kill('SIGKILL')
    await this.#serve?.ended
    view.say('killed slipway serve with SIGKILL in the middle of the rollout; starting it again')
    this.#serve = await this.#start('serve', [], env)
  }

  async #servingInstance(): Promise<number | null> {
    const { environments } = await this.#plane.status()
    const production = environments.find((one) => one.name === 'production')
    const catalog = production?.workloads.find((one) => one.service === 'catalog')
    return catalog?.pids[0] ?? null
  }

  async #summary(load: LoadSnapshot, rolledBack: CommitSummary): Promise<Summary> {
    const rollouts = await this.#plane.rollouts()
    const faulty = rollouts.filter((rollout) => rollout.outcome === 'rolled-back')
    const failedByFaultyCanary = faulty.reduce(
      (sum, rollout) => sum + badRequests(load, rollout),
      0,
    )
    const outcomes = this.#commits.map((commit) => commit.outcome)
    const asMeant =
      outcomes.join() === 'promoted,promoted,rolled-back,promoted' &&
      rolledBack.outcome === 'rolled-back'
    return {
      ok: asMeant && load.failed === failedByFaultyCanary,
      durationSeconds: Math.round((performance.now() - this.#startedAt) / 100) / 10,
      requests: { total: load.total, failed: load.failed, failedByFaultyCanary },
      commits: this.#commits,
    }
  }
}
