import { closeSync, linkSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { maskerOf } from './mask.ts'

/** Absolute path of a step's log; every step of a run has one of its own. */
export function logPath(folder: string, stepId: string): string {
  const name = stepId.replace(/[^\w.:=,[\]-]/g, (other) =>
    encodeURIComponent(other).replace('.', '%2E'),
  )
  return join(folder, `${name}.log`)
}

/** A log that is being written into a folder that exists: each piece is on disk before it is shown. */
export class StepLog {
  readonly file: string
  readonly #descriptor: number
  readonly #masker: ReturnType<typeof maskerOf>
  readonly #show: (text: string) => void
  #text = ''

  constructor(file: string, secrets: readonly string[], show: (text: string) => void) {
    this.file = file
    // It may be a second name of a log in the cache, left by an earlier run of the same id.
    rmSync(file, { force: true })
    this.#descriptor = openSync(file, 'wx')
    this.#masker = maskerOf(secrets)
    this.#show = show
  }

  /** The whole of what was shown. */
  get text(): string {
    return this.#text
  }

  write(text: string): void {
    this.#put(this.#masker.write(text))
  }

  /** Nothing more comes of this attempt: what was held back is shown. */
  flush(): void {
    this.#put(this.#masker.end())
  }

  close(): void {
    this.flush()
    closeSync(this.#descriptor)
  }

  #put(shown: string): void {
    if (shown === '') return
    writeSync(this.#descriptor, shown)
    this.#text += shown
    this.#show(shown)
  }
}

/**
 * The log of a cached step as a log of this run, which outlives the cache entry: a second name of
 * the same file, or a copy of `text` where that cannot be had (another disk, an entry just removed).
 */
export function replayLog(from: string, text: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    if (!NO_LINK.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    rmSync(to, { force: true })
    writeFileSync(to, text)
  }
}

const NO_LINK = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOENT', 'EEXIST', 'ENOTSUP'])
