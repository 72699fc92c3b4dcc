import { createHash } from 'node:crypto'
import { readFileSync, utimesSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  clear,
  collect,
  DamagedContent,
  type OutputItem,
  type OutputPaths,
  restore,
} from './outputs.ts'
import { PipelineError } from './pipeline-error.ts'
import type { Packaged, Step } from './types.ts'

/** What the cache holds under a key. */
export type CacheEntry = {
  readonly key: string
  readonly step: string
  /** What the step printed, secrets masked. */
  readonly log: string
  readonly items: readonly OutputItem[]
  /** What a package step made; null: it was a command. */
  readonly value: Packaged | null
  /** How long it took when it really ran. */
  readonly seconds: number
}

export type NewEntry = {
  readonly key: string
  readonly step: Step
  readonly log: string
  /** Absolute root of the checkout in which the outputs lie. */
  readonly root: string
  /** Outputs of other steps, which are left out where they lie inside this one's. */
  readonly others: readonly string[]
  readonly value: Packaged | null
  readonly seconds: number
}

const ABANDONED_MS = 24 * 3600 * 1000

export type RestoreInto = Pick<NewEntry, 'root' | 'step' | 'others'>

type Manifest = Omit<CacheEntry, 'log'> & { readonly logSha256: string }

/**
 * Results of steps in a folder, by key: `entries/KEY/{manifest,log,content}`. An entry is made aside
 * and renamed into place whole, so that any number of runs may share the folder and a killed one
 * leaves nothing half-written. Every byte is checked against the manifest when it is read.
 */
export class StepCache {
  readonly #entries: string
  readonly #aside: string

  constructor(folder: string) {
    this.#entries = join(folder, 'entries')
    this.#aside = join(folder, 'aside')
  }

  async keys(): Promise<ReadonlySet<string>> {
    try {
      return new Set(await readdir(this.#entries))
    } catch (error) {
      if (isMissing(error)) return new Set()
      throw error
    }
  }

  /** Null: there is none, or it is damaged and was removed. Its outputs are checked by `restore`. */
  async read(key: string): Promise<CacheEntry | null> {
    try {
      return this.#read(key)
    } catch (error) {
      if (isMissing(error)) return null
      if (!(error instanceof DamagedContent)) throw error
      await this.remove(key)
      return null
    }
  }

  /** Puts the outputs in place. False: the entry is damaged or gone, and was removed. */
  async restore(entry: CacheEntry, { root, step, others }: RestoreInto): Promise<boolean> {
    const what = { paths: step.outputs, skip: new Set(others) }
    try {
      await using content = await open(join(this.#entries, entry.key, 'content'))
      await restore(root, { ...what, items: entry.items }, content)
      return true
    } catch (error) {
      if (!(error instanceof DamagedContent) && !isMissing(error)) throw error
      await this.remove(entry.key)
      await clear(root, what)
      return false
    }
  }

  /** @throws PipelineError `cache-not-written`; what was there before stays */
  async save({ key, step, log, root, others, value, seconds }: NewEntry): Promise<void> {
    const aside = await this.#makeAside()
    try {
      const items = await writeContent(join(aside, 'content'), root, {
        paths: step.outputs,
        skip: new Set(others),
      })
      await writeFile(join(aside, 'log'), log)
      const manifest: Manifest = {
        key,
        step: step.id,
        items,
        value,
        seconds,
        logSha256: sha256(log),
      }
      const text = JSON.stringify(manifest)
      await writeFile(join(aside, 'manifest'), `${sha256(text)}\n${text}`)
      await this.remove(key)
      await mkdir(this.#entries, { recursive: true })
      await rename(aside, join(this.#entries, key))
    } catch (cause) {
      await rm(aside, { recursive: true, force: true })
      // Another run saved the same result in the meantime: that one is as good.
      if (isOccupied(cause)) return
      throw notWritten(step, this.#entries, cause)
    }
  }

  async remove(key: string): Promise<void> {
    const aside = await this.#makeAside()
    try {
      await rename(join(this.#entries, key), join(aside, 'removed'))
    } catch (error) {
      if (!isMissing(error)) throw error
    } finally {
      await rm(aside, { recursive: true, force: true })
    }
  }

  /** Removes the entries that were used longest ago until the rest is no larger than `maxBytes`. */
  async prune(maxBytes: number): Promise<void> {
    const entries = await Promise.all([...(await this.keys())].map((key) => this.#measure(key)))
    const newestFirst = entries.sort((a, b) => b.usedAt - a.usedAt)
    let total = 0
    for (const { key, bytes } of newestFirst) {
      total += bytes
      if (total > maxBytes) await this.remove(key)
    }
    await this.#removeAbandoned()
  }

  /** Keeps the entry from being pruned as long as it is of use. */
  touch(key: string): void {
    const now = Date.now() / 1000
    try {
      utimesSync(join(this.#entries, key, 'manifest'), now, now)
    } catch (error) {
      // Another run removed it since it was read: there is nothing to keep.
      if (!isMissing(error)) throw error
    }
  }

  /** Absolute path of the log of an entry that was read. */
  logFile(key: string): string {
    return join(this.#entries, key, 'log')
  }

  /** In one go: a run in which nothing changed reads hundreds of these and does nothing else. */
  #read(key: string): CacheEntry {
    const folder = join(this.#entries, key)
    const text = readFileSync(join(folder, 'manifest'), 'utf8')
    const body = text.slice(65)
    if (text.slice(0, 65) !== `${sha256(body)}\n`) throw new DamagedContent(`manifest of ${key}`)
    const { logSha256, ...manifest } = JSON.parse(body) as Manifest
    const log = readFileSync(join(folder, 'log'), 'utf8')
    if (manifest.key !== key || sha256(log) !== logSha256) throw new DamagedContent(`log of ${key}`)
    return { ...manifest, log }
  }

  /** What runs that were killed left aside. A run that lives has renamed or removed its own long before. */
  async #removeAbandoned(): Promise<void> {
    await mkdir(this.#aside, { recursive: true })
    for (const name of await readdir(this.#aside)) {
      const folder = join(this.#aside, name)
      const made = await stat(folder).catch((error: unknown) => {
        if (isMissing(error)) return null
        throw error
      })
      if (made !== null && Date.now() - made.mtimeMs > ABANDONED_MS) {
        await rm(folder, { recursive: true, force: true })
      }
    }
  }

  async #makeAside(): Promise<string> {
    await mkdir(this.#aside, { recursive: true })
    return mkdtemp(join(this.#aside, 'entry-'))
  }

  async #measure(key: string) {
    const folder = join(this.#entries, key)
    const files = ['manifest', 'log', 'content'].map(async (name) => {
      try {
        return await stat(join(folder, name))
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
    })
    const found = (await Promise.all(files)).filter((file) => file !== null)
    return {
      key,
      bytes: found.reduce((sum, file) => sum + file.size, 0),
      usedAt: Math.max(0, ...found.map((file) => file.mtimeMs)),
    }
  }
}

async function writeContent(
  file: string,
  root: string,
  what: OutputPaths,
): Promise<readonly OutputItem[]> {
  await using content = await open(file, 'wx')
  return await collect(root, what, content)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

function isOccupied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOTEMPTY' || code === 'EEXIST'
}

function notWritten(step: Step, folder: string, cause: unknown): PipelineError {
  return new PipelineError({
    code: 'cache-not-written',
    fault: 'outside',
    retry: 'later',
    cause,
    message: `the result of ${step.id} could not be written to ${folder}: ${(cause as Error).message}; make room or choose another folder`,
  })
}
