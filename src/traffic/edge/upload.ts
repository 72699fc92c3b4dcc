import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/**
 * A request's body on its way to an instance, and to another if the first breaks off.
 * A short one of known length is read whole before it is sent; any other flows through, and what has
 * flowed is kept until it is more than `keepBytes`.
 */
export class Upload {
  readonly #req: IncomingMessage
  readonly #keepBytes: number
  #kept: Buffer[] = []
  #keptBytes = 0
  #isLost = false
  #current: Readable | null = null

  /** Null: the request has no body. */
  static of(req: IncomingMessage, keepBytes: number): Upload | null {
    const length = req.headers['content-length']
    if (length === undefined && req.headers['transfer-encoding'] === undefined) return null
    return length === '0' ? null : new Upload(req, keepBytes)
  }

  private constructor(req: IncomingMessage, keepBytes: number) {
    this.#req = req
    this.#keepBytes = keepBytes
  }

  /** Whether it is short enough to be read whole. */
  get isShort(): boolean {
    const length = this.#req.headers['content-length']
    return length !== undefined && Number(length) <= this.#keepBytes
  }

  /** Whether every byte that was read is still here. */
  get isReplayable(): boolean {
    return !this.#isLost
  }

  get isComplete(): boolean {
    return this.#req.readableEnded
  }

  /** Reads it whole; never calls back when the client leaves before its end. */
  collect(then: (body: Buffer) => void): void {
    this.#req.on('data', (chunk: Buffer) => this.#kept.push(chunk))
    this.#req.on('end', () => {
      then(this.#kept.length === 1 ? this.#kept[0]! : Buffer.concat(this.#kept))
    })
  }

  /** A stream of the whole body: what was kept, then what comes. */
  open(): Readable {
    const isFirst = this.#current === null
    const stream = new Readable({ highWaterMark: 65_536, read: () => this.#req.resume() })
    // The attempt that reads it reports its own failure; without a listener the process would end.
    stream.on('error', () => this.#req.pause())
    for (const chunk of this.#kept) stream.push(chunk)
    this.#current = stream
    if (isFirst) this.#listen()
    else if (this.isComplete) stream.push(null)
    return stream
  }

  /** Nobody wants the rest: let it run out, so that the client gets to read its answer. */
  discard(): void {
    this.#kept = []
    this.#isLost = true
    this.#current = null
    this.#req.resume()
  }

  #listen(): void {
    this.#req.on('data', (chunk: Buffer) => {
      this.#keep(chunk)
      const stream = this.#current
      if (stream !== null && (stream.destroyed || !stream.push(chunk))) this.#req.pause()
    })
    this.#req.on('end', () => {
      if (this.#current?.destroyed === false) this.#current.push(null)
    })
  }

  #keep(chunk: Buffer): void {
    if (this.#isLost) return
    this.#kept.push(chunk)
    this.#keptBytes += chunk.length
    if (this.#keptBytes <= this.#keepBytes) return
    this.#isLost = true
    this.#kept = []
  }
}
