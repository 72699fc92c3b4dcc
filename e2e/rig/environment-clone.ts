import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Plane } from './plane.ts'

const run = promisify(execFile)

/** A person's clone of the environment repo, with which things are changed by hand. */
export class EnvironmentClone {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async of({ home }: Plane): Promise<EnvironmentClone> {
    const clone = new EnvironmentClone(join(home.root, 'by-hand'))
    await run('git', ['clone', '--quiet', home.environmentRepo, clone.folder])
    await clone.#git('config', 'user.name', 'Bob')
    await clone.#git('config', 'user.email', 'bob@example.com')
    await clone.#git('config', 'commit.gpgsign', 'false')
    return clone
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  async pull(): Promise<void> {
    await this.#git('pull', '--quiet', '--ff-only')
  }

  /** Commits a file and pushes it; returns the full SHA. */
  async push(path: string, text: string): Promise<string> {
    await this.pull()
    writeFileSync(join(this.folder, path), text)
    await this.#git('commit', '--quiet', '--all', '--message', `Change ${path} by hand`)
    await this.#git('push', '--quiet')
    return (await this.#git('rev-parse', 'HEAD')).trim()
  }

  async #git(...args: string[]): Promise<string> {
    return (await run('git', args, { cwd: this.folder })).stdout
  }
}
