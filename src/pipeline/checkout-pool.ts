import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Repository } from '../git/index.ts'

export type CheckoutPoolParts = {
  readonly repository: Repository
  /** Absolute. */
  readonly folder: string
}

export type ClaimedCheckout = {
  /** Absolute; holds the files of the commit and nothing else. */
  readonly folder: string
  /** Cleans it and leaves it to the next. */
  release(): Promise<void>
}

/** Checkouts that lie idle; more than this are removed. */
const KEPT = 2

/**
 * Checkouts that are kept from run to run: to write and delete ten thousand files takes seconds, to
 * look at them a twentieth of one. `tree-N` has a token beside it, `tree-N.free` or `tree-N.of-PID-HOST`;
 * to rename the token is to take the tree, and of two processes only one can.
 */
export class CheckoutPool {
  readonly #parts: CheckoutPoolParts

  constructor(parts: CheckoutPoolParts) {
    this.#parts = parts
  }

  /** A checkout of the commit that no other run has. Throws as `Repository.checkout` does. */
  async claim(commit: string): Promise<ClaimedCheckout> {
    const { repository, folder } = this.#parts
    await mkdir(folder, { recursive: true })
    await this.#removeAbandoned()
    for (const { number, owner } of await this.#tokens()) {
      if (owner !== null || !(await this.#take(number, FREE))) continue
      if (await repository.moveCheckout(commit, this.#tree(number))) return this.#claimed(number)
      await this.#remove(number)
    }
    const number = await this.#make()
    try {
      await repository.checkout(commit, this.#tree(number))
      return this.#claimed(number)
    } catch (error) {
      await this.#remove(number)
      throw error
    }
  }

  #claimed(number: number): ClaimedCheckout {
    return {
      folder: this.#tree(number),
      release: async () => {
        const idle = (await this.#tokens()).filter(({ owner }) => owner === null)
        const isClean = await this.#parts.repository.cleanCheckout(this.#tree(number))
        if (!isClean || idle.length >= KEPT) await this.#remove(number)
        else await rename(this.#token(number, OWN), this.#token(number, FREE))
      },
    }
  }

  /** Processes that were started in a tree whose run was killed may still write into it: it is not used again. */
  async #removeAbandoned(): Promise<void> {
    for (const { number, owner } of await this.#tokens()) {
      if (owner !== null && isGone(owner) && (await this.#take(number, owner))) {
        await this.#remove(number)
      }
    }
  }

  async #make(): Promise<number> {
    const numbers = (await readdir(this.#parts.folder)).map((name) => TREE.exec(name)?.[1])
    let number = Math.max(-1, ...numbers.map((each) => Number(each ?? -1))) + 1
    while (!(await madeFolder(this.#tree(number)))) number++
    await writeFile(this.#token(number, OWN), '')
    return number
  }

  async #remove(number: number): Promise<void> {
    const tree = this.#tree(number)
    // Git removes none whose `.git` a build has deleted; it forgets one that is gone.
    await rm(tree, { recursive: true, force: true, maxRetries: 3 })
    await this.#parts.repository.removeCheckout(tree)
    await rm(this.#token(number, OWN), { force: true })
  }

  async #tokens(): Promise<readonly { readonly number: number; readonly owner: string | null }[]> {
    return (await readdir(this.#parts.folder)).flatMap((name) => {
      const [, number, whose] = TOKEN.exec(name) ?? []
      if (whose === undefined) return []
      return [{ number: Number(number), owner: whose === FREE ? null : whose }]
    })
  }

  /** False: another process took it first. */
  async #take(number: number, from: string): Promise<boolean> {
    try {
      await rename(this.#token(number, from), this.#token(number, OWN))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
  }

  #tree(number: number): string {
    return join(this.#parts.folder, `tree-${number}`)
  }

  #token(number: number, whose: string): string {
    return `${this.#tree(number)}.${whose}`
  }
}

const FREE = 'free'
const OWN = `of-${process.pid}-${hostname()}`
const TREE = /^tree-(\d+)$/
const TOKEN = /^tree-(\d+)\.(free|of-.+)$/

/** Of a process on another machine that shares the folder nothing is known. */
function isGone(owner: string): boolean {
  const [, pid, host] = /^of-(\d+)-(.*)$/.exec(owner) ?? []
  if (pid === undefined || host !== hostname()) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** False: something has that name. */
async function madeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
