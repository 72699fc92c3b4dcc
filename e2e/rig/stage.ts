import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before } from 'node:test'
import { removeFolder } from '../../src/demo/remove-folder.ts'
import { build, Plane } from './plane.ts'
import { type ProjectOptions, TinyProject } from './project.ts'
import { Traffic } from './traffic.ts'

/**
 * Opens a stage before the tests of the suite that is being described, and closes it after them. A
 * test that fails shows what the programs said.
 * @param open default: the first commit is in production
 */
export function play(
  options: ProjectOptions,
  open: (options: ProjectOptions) => Promise<Stage> = Stage.open,
): { readonly stage: Stage; readonly plane: Plane; readonly project: TinyProject } {
  let stage: Stage | null = null
  before(async () => {
    stage = await open(options)
  })
  afterEach(async (context) => {
    if ('passed' in context && !context.passed) context.diagnostic(await opened().story())
  })
  after(() => stage?.close())
  function opened(): Stage {
    if (stage === null) throw new Error('the stage is opened before the first test')
    return stage
  }
  return {
    get stage() {
      return opened()
    },
    get plane() {
      return opened().plane
    },
    get project() {
      return opened().project
    },
  }
}

/** Where a story plays: a repository, the two programs, and clients. */
export class Stage {
  readonly project: TinyProject
  readonly plane: Plane
  /** The project's first commit. */
  readonly first: string
  /** A folder for what a test writes. */
  readonly scratch: string
  readonly #folder: string
  readonly #traffic: Traffic[] = []

  private constructor(folder: string, made: { project: TinyProject; commit: string }) {
    this.#folder = folder
    this.project = made.project
    this.first = made.commit
    this.scratch = join(folder, 'scratch')
    mkdirSync(this.scratch)
    this.plane = new Plane(made.project.folder, join(folder, 'logs'))
  }

  /** The repository alone; nothing runs yet. */
  static async prepare(options: ProjectOptions): Promise<Stage> {
    build()
    const folder = mkdtempSync(join(tmpdir(), 'slipway-e2e-'))
    mkdirSync(join(folder, 'logs'))
    return new Stage(folder, await TinyProject.create(join(folder, 'project'), options))
  }

  /** The repository, both programs, and the first commit in production. */
  static async open(options: ProjectOptions): Promise<Stage> {
    return (await Stage.prepare(options)).begin()
  }

  /** Starts both programs and waits until what is committed now is in production. */
  async begin(): Promise<Stage> {
    try {
      await this.plane.startNode()
      await this.plane.startServe()
      const commit = (await this.project.git('rev-parse', 'HEAD')).trim()
      const status = await this.plane.settled(commit)
      if (status !== 'passed') throw new Error(`${commit} is ${status} in production`)
      return this
    } catch (error) {
      const story = await this.story()
      await this.close()
      throw new Error(`the stage did not open:\n${story}`, { cause: error })
    }
  }

  traffic(service = 'web', ratePerSecond?: number): Traffic {
    const { port } = this.plane
    const host = `${service}.production`
    const traffic = new Traffic({ port, host, ...(ratePerSecond ? { ratePerSecond } : {}) })
    this.#traffic.push(traffic)
    return traffic
  }

  /** How things stand and what the programs said, for a test that failed. */
  async story(): Promise<string> {
    const status = await this.plane.slipway('status')
    const said = (['node', 'serve'] as const).map((verb) => `--- ${verb}\n${this.plane.log(verb)}`)
    return ['--- status', status.out, status.err, ...said].join('\n')
  }

  /** Ends what runs and removes what was made. */
  async close(): Promise<void> {
    for (const traffic of this.#traffic) await traffic.stop()
    await this.plane.close()
    removeFolder(this.#folder)
  }
}
