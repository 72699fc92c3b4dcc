import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'

const run = promisify(execFile)

/** What a commit makes a service do; see testdata/service.mjs. */
export type Behaviour = {
  readonly version: string
  /** Share of requests answered with 500, 0..1. */
  readonly failShare: number
  /** Mean time until it answers. */
  readonly delayMs: number
  /** Exits with code 7 at once. */
  readonly crashAtStart: boolean
  readonly neverReady: boolean
  /** Not ready for so long after its start. */
  readonly slowStartMs: number
}

const GOOD = {
  failShare: 0,
  // Long against the noise of a busy machine, or the judge cannot tell two equals to be equal.
  delayMs: 100,
  crashAtStart: false,
  neverReady: false,
  slowStartMs: 0,
} as const

/** Part of slipway.yaml, as a user would write it. */
export type Yaml = { readonly [key: string]: unknown }

export type ProjectOptions = {
  /** Service → what slipway.yaml says of it besides path, start and ready. */
  readonly services?: Readonly<Record<string, Yaml>>
  readonly environments: Readonly<Record<string, Yaml>>
  /** More top-level keys of slipway.yaml. */
  readonly more?: Yaml
}

/**
 * A judge that decides within seconds at a hundred requests a second. That it takes good for good
 * sooner than by default (beta) is nothing that these stories are about.
 */
export const QUICK = { risk: '5%', beta: '20%', warm: '1s', dwell: '1s' } as const

/** A Git repository of one or two services without dependencies, whose every commit changes what it is told to. */
export class TinyProject {
  readonly folder: string
  #options: ProjectOptions

  constructor(folder: string, options: ProjectOptions) {
    this.folder = folder
    this.#options = options
  }

  /** Writes and commits the first version `1` of every service. Returns the full SHA too. */
  static async create(folder: string, options: ProjectOptions) {
    const project = new TinyProject(folder, options)
    mkdirSync(folder, { recursive: true })
    await project.git('init', '--quiet', '--initial-branch=main')
    await project.git('config', 'user.name', 'Ada')
    await project.git('config', 'user.email', 'ada@example.com')
    await project.git('config', 'commit.gpgsign', 'false')
    for (const service of project.#services()) {
      project.#behave(service, { version: '1' })
      const source = join(import.meta.dirname, 'testdata', 'service.mjs')
      copyFileSync(source, join(folder, service, 'service.mjs'))
    }
    project.#configure()
    return { project, commit: await project.commit('Begin') }
  }

  /** Commits a service with this behaviour; what is not named is good. */
  async send(service: string, behaviour: Partial<Behaviour> & { readonly version: string }) {
    this.#behave(service, behaviour)
    return this.commit(`${service} ${behaviour.version}`)
  }

  /** Commits several services at once. */
  async sendAll(
    services: Readonly<Record<string, Partial<Behaviour> & { readonly version: string }>>,
  ): Promise<string> {
    for (const [service, behaviour] of Object.entries(services)) this.#behave(service, behaviour)
    return this.commit(`Change ${Object.keys(services).join(' and ')}`)
  }

  /** Commits another slipway.yaml. */
  async configure(options: Partial<ProjectOptions>): Promise<string> {
    this.#options = { ...this.#options, ...options }
    this.#configure()
    return this.commit('Change the configuration')
  }

  /** Commits any file. */
  async write(path: string, text: string): Promise<string> {
    writeFileSync(join(this.folder, path), text)
    return this.commit(`Write ${path}`)
  }

  async commit(message: string): Promise<string> {
    await this.git('add', '--all')
    await this.git('commit', '--quiet', '--message', message)
    return (await this.git('rev-parse', 'HEAD')).trim()
  }

  async git(...args: string[]): Promise<string> {
    return (await run('git', args, { cwd: this.folder })).stdout
  }

  #services(): readonly string[] {
    return Object.keys(this.#options.services ?? { web: {} })
  }

  #behave(service: string, behaviour: Partial<Behaviour> & { readonly version: string }): void {
    mkdirSync(join(this.folder, service), { recursive: true })
    const text = JSON.stringify({ ...GOOD, ...behaviour }, null, 2)
    writeFileSync(join(this.folder, service, 'behaviour.json'), `${text}\n`)
  }

  #configure(): void {
    const { services = { web: {} }, environments, more } = this.#options
    const file = {
      project: 'tiny',
      services: Object.fromEntries(
        Object.entries(services).map(([name, own]) => [name, { ...serviceFile(name), ...own }]),
      ),
      environments,
      ...more,
    }
    writeFileSync(join(this.folder, 'slipway.yaml'), stringify(file))
    writeFileSync(join(this.folder, '.gitignore'), '.slipway/\n')
  }
}

function serviceFile(name: string): Yaml {
  const ready = { path: '/healthz', interval: '100ms', deadline: '20s' }
  return { path: name, start: 'node service.mjs', ready, stop: '2s' }
}
