import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const LEFT_OUT = new Set(['node_modules', 'dist', '.data', '.slipway', 'changes'])

/** A Git repository of the shop, and the changes that are sent after its first commit. */
export class Shop {
  readonly folder: string
  readonly #changes: string

  constructor(folder: string, example: string) {
    this.folder = folder
    this.#changes = join(example, 'changes')
  }

  /** Copies the example into an absent folder and makes commit 1 of it. Returns the full SHA. */
  static async create(folder: string, example: string): Promise<{ shop: Shop; commit: string }> {
    mkdirSync(folder, { recursive: true })
    const filter = (source: string) =>
      !LEFT_OUT.has(basename(source)) && source !== join(example, 'test')
    cpSync(example, folder, { recursive: true, filter })
    const shop = new Shop(folder, example)
    await shop.#git('init', '--quiet', '--initial-branch=main')
    return { shop, commit: await shop.#commit('Open the shop') }
  }

  /** Applies change 2, 3 or 4 and commits it. */
  async send(change: 2 | 3 | 4): Promise<string> {
    const file = readdirSync(this.#changes).find((name) => name.startsWith(`${change}-`))
    if (!file || !existsSync(join(this.#changes, file)))
      throw new Error(`there is no change ${change} in ${this.#changes}`)
    await this.#git('apply', '--index', join(this.#changes, file))
    const [title] = file
      .replace(/^\d-/, '')
      .replace(/\.patch$/, '')
      .replaceAll('-', ' ')
      .split('\n')
    return this.#commit(title!.charAt(0).toUpperCase() + title!.slice(1))
  }

  async #commit(message: string): Promise<string> {
    await this.#git('add', '--all')
    await this.#git('commit', '--quiet', '--no-verify', '--message', message)
    return (await this.#git('rev-parse', 'HEAD')).trim()
  }

  async #git(...args: string[]): Promise<string> {
    const identity = [
      '-c',
      'user.name=Ada',
      '-c',
      'user.email=ada@shop.example',
      '-c',
      'commit.gpgsign=false',
    ]
    const { stdout } = await run('git', [...identity, ...args], { cwd: this.folder })
    return stdout
  }
}
