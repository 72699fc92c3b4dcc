import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export type Tailed = { readonly name: string; readonly file: string }

export type TailOptions = {
  /** Looked at again and again: files come while it goes on. */
  readonly logs: () => Promise<readonly Tailed[]>
  /** Whether nothing more will be written. */
  readonly isOver: () => Promise<boolean>
  /** Lines of each that were there before. */
  readonly count: number
  /** Aborted: it ends. */
  readonly signal: AbortSignal
}

export type TailedLine = { readonly name: string; readonly line: string }

const LOOK_MS = 200
const PIECE_BYTES = 64 * 1024

/** The last lines of a text file; empty: it is not there (any more). */
export async function lastLines(file: string, count: number): Promise<readonly string[]> {
  return (await ending(file, count)).lines
}

/** The last lines of each log, then each line as it comes to be whole, until it is over. */
export async function* tail(options: TailOptions): AsyncGenerator<TailedLine> {
  const { logs, isOver, count, signal } = options
  const readers = new Map<string, Reader>()
  let isFirst = true
  while (!signal.aborted) {
    // Asked before the last look, so that nothing that was written until then is missed.
    const isLast = await isOver()
    for (const { name, file } of await logs()) {
      const known = readers.get(file) ?? new Reader(file)
      const before = isFirst ? await known.begin(count) : []
      readers.set(file, known)
      for (const line of [...before, ...(await known.more(isLast))]) yield { name, line }
    }
    if (isLast) return
    isFirst = false
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** Reads a file from where it ended the last time. */
class Reader {
  readonly #file: string
  #at = 0
  #begun = ''

  constructor(file: string) {
    this.#file = file
  }

  async begin(count: number): Promise<readonly string[]> {
    const { lines, rest, size } = await ending(this.#file, count, true)
    this.#at = size
    this.#begun = rest
    return lines
  }

  /** Lines that are whole by now, at the end also one that is not. */
  async more(isLast: boolean): Promise<readonly string[]> {
    const { text, size } = await textFrom(this.#file, this.#at)
    this.#at = size
    const lines = `${this.#begun}${text}`.split('\n')
    this.#begun = lines.pop()!
    if (isLast && this.#begun !== '') lines.push(this.#begun)
    return lines
  }
}

/** Bytes from `at` on as text; from its beginning when the file is smaller now, because it was rotated. */
async function textFrom(file: string, at: number): Promise<{ text: string; size: number }> {
  const handle = await opened(file)
  if (handle === null) return { text: '', size: at }
  await using _closed = handle
  const { size } = await handle.stat()
  const from = size < at ? 0 : at
  const { buffer } = await handle.read(Buffer.alloc(size - from), 0, size - from, from)
  return { text: buffer.toString('utf8'), size }
}

/** Read from its end on, so that a log of gigabytes costs no more than a short one. */
async function ending(file: string, count: number, isGrowing = false) {
  const handle = await opened(file)
  if (handle === null) return { lines: [], rest: '', size: 0 }
  await using _closed = handle
  const { size } = await handle.stat()
  const pieces: Buffer[] = []
  let breaks = 0
  for (let from = size; from > 0 && breaks <= count; ) {
    const length = Math.min(PIECE_BYTES, from)
    from -= length
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, from)
    pieces.unshift(buffer)
    breaks += buffer.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0)
  }
  const lines = Buffer.concat(pieces).toString('utf8').split('\n')
  const rest = isGrowing || lines.at(-1) === '' ? lines.pop()! : ''
  return { lines: count === 0 ? [] : lines.slice(-count), rest, size }
}

async function opened(file: string) {
  try {
    return await open(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
