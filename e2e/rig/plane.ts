import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, connectTo } from '../../src/cli/client.ts'
import { ControlPlane } from '../../src/demo/control-plane.ts'
import { type Running, start } from '../../src/demo/process.ts'
import { homeOf } from '../../src/home/index.ts'
import { connectNode } from '../../src/node/index.ts'
import type { Release } from '../../src/release/index.ts'
import type { EnvironmentStatus, RolloutView, WorkloadStatus } from '../../src/server/index.ts'
import type { Event } from '../../src/store/index.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const PROGRAM = join(ROOT, 'dist', 'slipway.js')
const PATIENCE_SECONDS = 60

/** Default: web in production. */
export type Where = { readonly service?: string; readonly environment?: string }

export type Said = { readonly code: number; readonly out: string; readonly err: string }

/** `slipway node` and `slipway serve` of one project folder, as processes, and the command line beside them. */
export class Plane {
  readonly folder: string
  readonly logs: string
  readonly home: ReturnType<typeof homeOf>
  readonly api: ControlPlane
  readonly #client: Client
  readonly #started: Running[] = []
  #node: Running | null = null
  #serve: Running | null = null
  #port = 0

  constructor(folder: string, logs: string) {
    this.folder = folder
    this.logs = logs
    this.home = homeOf(join(folder, '.slipway'))
    this.#client = connectTo(this.home.serveSocket)
    this.api = new ControlPlane(this.#client, new AbortController().signal)
  }

  /** Port of the edge. */
  get port(): number {
    return this.#port
  }

  get node(): Running {
    if (this.#node === null) throw new Error('the node was not started')
    return this.#node
  }

  get serve(): Running {
    if (this.#serve === null) throw new Error('serve was not started')
    return this.#serve
  }

  /** Starts the node; after the first time on the same port. */
  async startNode(): Promise<void> {
    this.#node = await this.#start('node', ['--port', String(this.#port), '--json'])
    this.#port = (JSON.parse(this.#node.firstLine) as { port: number }).port
  }

  async startServe(): Promise<void> {
    this.#serve = await this.#start('serve', ['--json'])
  }

  /** Runs a verb to its end, in the project's folder. */
  slipway(...args: string[]): Promise<Said> {
    return new Promise((resolve, reject) => {
      const options = { cwd: this.folder, env: environment(), timeout: 60_000 }
      execFile(process.execPath, [PROGRAM, ...args], options, (error, out, err) => {
        const code = error === null ? 0 : error.code
        if (typeof code === 'number') resolve({ code, out, err })
        else reject(error)
      })
    })
  }

  until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
    return this.api.until(what, PATIENCE_SECONDS, look)
  }

  async environment(name = 'production'): Promise<EnvironmentStatus> {
    const { environments } = await this.api.status()
    const found = environments.find((one) => one.name === name)
    if (!found) throw new Error(`status tells of no environment ${name}`)
    return found
  }

  async workload(service = 'web', environment = 'production'): Promise<WorkloadStatus | null> {
    const { workloads } = await this.environment(environment)
    return workloads.find((one) => one.service === service) ?? null
  }

  /** Instances as the node tells of them, the oldest first. */
  async instances({ service = 'web', environment = 'production' }: Where = {}) {
    const node = connectNode(this.home.nodeSocket)
    try {
      return await node.platform.observe({ environment, service })
    } finally {
      await node.close()
    }
  }

  /** The newest rollout of a commit's release; null: it has not begun. */
  async rollout(commit: string, { service, environment }: Where = {}): Promise<RolloutView | null> {
    const rollouts = await this.api.rollouts()
    const found = rollouts.filter(
      (one) =>
        one.release === commit.slice(0, 12) &&
        one.service === (service ?? 'web') &&
        one.environment === (environment ?? 'production'),
    )
    return found.toSorted((a, b) => b.startedAt - a.startedAt)[0] ?? null
  }

  /** Waits until a commit's rollout is as asked. */
  untilRollout(
    commit: string,
    what: string,
    isSo: (rollout: RolloutView) => boolean,
  ): Promise<RolloutView> {
    return this.until(`${what} in the rollout of ${commit.slice(0, 12)}`, async () => {
      const rollout = await this.rollout(commit)
      return rollout !== null && isSo(rollout) ? rollout : null
    })
  }

  /** Waits until a commit is through an environment, or turned back there; says which. */
  async settled(commit: string, environment = 'production'): Promise<string> {
    const { status } = await this.api.settled(environment, commit, PATIENCE_SECONDS)
    await this.quiet()
    return status
  }

  /** Waits until nothing moves. */
  async quiet(): Promise<void> {
    await this.until('the end of every rollout', async () => {
      const { environments } = await this.api.status()
      const moving = environments.flatMap(({ workloads }) => workloads).filter((one) => one.rollout)
      return moving.length === 0 ? true : null
    })
  }

  releases(): Promise<readonly Release[]> {
    return this.#client.get('/api/releases')
  }

  async events(kind: string, id?: string): Promise<readonly Event[]> {
    const events = await this.api.events(kind)
    return events.filter((event) => id === undefined || event.id === id)
  }

  /** The environment repo, asked by git itself. */
  async environmentGit(...args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile('git', args, { cwd: this.home.environmentRepo }, (error, out) =>
        error === null ? resolve(out) : reject(error),
      )
    })
  }

  log(verb: 'node' | 'serve'): string {
    const file = join(this.logs, `${verb}.log`)
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  /** Ends what it started, the last first. */
  async close(): Promise<void> {
    for (const running of this.#started.toReversed()) await running.stop()
  }

  async #start(verb: string, args: readonly string[]): Promise<Running> {
    const running = await start({
      name: `slipway ${verb}`,
      command: process.execPath,
      args: [PROGRAM, verb, ...args],
      cwd: this.folder,
      env: environment(),
      log: join(this.logs, `${verb}.log`),
    })
    this.#started.push(running)
    return running
  }
}

/** Builds the bundle when a source is newer, as a user's first command would. */
export function build(): void {
  const done = spawnSync(join(ROOT, 'bin', 'slipway'), ['--version'], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`bin/slipway does not build: ${done.stderr}`)
}

/** Without what would lead a command elsewhere; instances take `node` from PATH. */
function environment(): NodeJS.ProcessEnv {
  const {
    SLIPWAY_STATE: _state,
    NODE_OPTIONS: _options,
    NODE_TEST_CONTEXT: _test,
    ...env
  } = process.env
  return { ...env, PATH: `${join(process.execPath, '..')}:${env.PATH}` }
}
