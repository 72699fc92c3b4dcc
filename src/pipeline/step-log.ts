import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { maskerOf } from './mask.ts'

/** Absolute path of a step's log; every step of a run has one of its own. */
export function logPath(folder: string, stepId: string): string {
  const name = stepId.replace(/[^\w.:=,[\]-]/g, (other) =>
    encodeURIComponent(other).replace('.', '%2E'),
  )
  return join(folder, `${name}.log`)
}

/** A log that is being written: each piece is on disk before it is shown. */
export class StepLog {
  readonly file: string
  readonly #descriptor: number
  readonly #masker: ReturnType<typeof maskerOf>
  readonly #show: (text: string) => void
  #text = ''

  constructor(file: string, secrets: readonly string[], show: (text: string) => void) {
    mkdirSync(dirname(file), { recursive: true })
    this.file = file
    this.#descriptor = openSync(file, 'w')
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

/** The log of a cached step as a log of this run. */
export function replayLog(text: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, text)
}
