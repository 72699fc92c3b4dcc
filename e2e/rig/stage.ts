import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeFolder } from '../../src/demo/remove-folder.ts'
import { build, Plane } from './plane.ts'
import { type ProjectOptions, TinyProject } from './project.ts'
import { Traffic } from './traffic.ts'

/** Where a story plays: a repository, the two programs, and clients. */
export class Stage {
  readonly project: TinyProject
  readonly plane: Plane
  /** The project's first commit. */
  readonly first: string
  readonly #folder: string
  readonly #traffic: Traffic[] = []

  private constructor(folder: string, made: { project: TinyProject; commit: string }) {
    this.#folder = folder
    this.project = made.project
    this.first = made.commit
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
    const stage = await Stage.prepare(options)
    try {
      await stage.plane.startNode()
      await stage.plane.startServe()
      const status = await stage.plane.settled(stage.first)
      if (status !== 'passed') throw new Error(`the first commit is ${status} in production`)
      return stage
    } catch (error) {
      await stage.close()
      throw error
    }
  }

  traffic(service = 'web', ratePerSecond?: number): Traffic {
    const { port } = this.plane
    const host = `${service}.production`
    const traffic = new Traffic({ port, host, ...(ratePerSecond ? { ratePerSecond } : {}) })
    this.#traffic.push(traffic)
    return traffic
  }

  /** What the programs said, for a story that fails. */
  logs(): string {
    return ['node', 'serve']
      .map((verb) => `--- ${verb}\n${readFileSync(join(this.#folder, 'logs', `${verb}.log`))}`)
      .join('\n')
  }

  /** Ends what runs and removes what was made. */
  async close(): Promise<void> {
    for (const traffic of this.#traffic) await traffic.stop()
    await this.plane.close()
    removeFolder(this.#folder)
  }
}
