import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Endpoint } from './endpoint.ts'
import { CLIENT_LEFT, NO_ANSWER, statusClass } from './tally.ts'

/**
 * - `never-sent`: the instance saw no byte of the request
 * - `no-answer`: it may have seen the request, and broke off
 * - `timed-out`: it has had the time there is
 * - `unsendable`: the request itself cannot be sent; no instance is to blame
 */
export type FailureKind = 'never-sent' | 'no-answer' | 'timed-out' | 'unsendable'
export type Failure = { readonly kind: FailureKind; readonly error: Error }

/** What becomes of an instance's answer: forwarded to a client, or thrown away. */
export interface Receiver {
  head(status: number, headers: IncomingHttpHeaders, statusText: string): void
  /** False: wait with more until `resume` is called on the attempt. */
  data(chunk: Buffer): boolean
  end(trailers: IncomingHttpHeaders): void
  failed(failure: Failure): void
  /** `released` is to be called when the connection has ended. */
  upgraded(status: number, headers: IncomingHttpHeaders, socket: Duplex, released: () => void): void
}

/**
 * One request at one instance: keeps the instance's books, whatever becomes of the answer.
 * Latency is the time from the start of the attempt to the head of the answer, so that a long body
 * or a slow reader is not held against the instance, nor what another instance took before.
 */
export class Attempt implements Dispatcher.DispatchHandler {
  readonly endpoint: Endpoint
  readonly #receiver: Receiver
  readonly #startedMs: number
  #controller: Dispatcher.DispatchController | null = null
  #status = 0
  #latencyMs: number | null = null
  #cancelled = false

  constructor(endpoint: Endpoint, receiver: Receiver, startedMs: number) {
    this.endpoint = endpoint
    this.#receiver = receiver
    this.#startedMs = startedMs
  }

  start(options: Dispatcher.DispatchOptions): void {
    this.endpoint.inFlight += 1
    this.endpoint.dispatch(options, this)
  }

  resume(): void {
    this.#controller?.resume()
  }

  /** The client has left: the instance need not go on, and is not to blame. */
  cancel(): void {
    this.#cancelled = true
    this.#controller?.abort(new Error('the client left'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#cancelled) controller.abort(new Error('the client left'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText = '',
  ): void {
    if (status < 200) return
    this.#answered(status)
    this.#receiver.head(status, headers, statusText)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#receiver.data(chunk)) controller.pause()
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.#finish(statusClass(this.#status), this.#status >= 500)
    this.#receiver.end(trailers)
  }

  onRequestUpgrade(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    socket: Duplex,
  ): void {
    this.#answered(status)
    this.endpoint.current.count(statusClass(status), this.#latencyMs, false)
    this.#receiver.upgraded(status, headers, socket, () => {
      this.endpoint.inFlight -= 1
    })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const kind = this.#kindOf(error)
    if (this.#cancelled) {
      this.#clientLeft()
    } else if (kind === 'unsendable') {
      this.endpoint.inFlight -= 1
    } else {
      this.#finish(NO_ANSWER, true)
      const weight = kind === 'never-sent' ? Number.POSITIVE_INFINITY : 1
      // Slowness is for the judge to weigh; only a broken connection says that nobody is there.
      if (kind !== 'timed-out') this.endpoint.failed(weight, performance.now(), error.message)
    }
    this.#receiver.failed({ kind, error })
  }

  #answered(status: number): void {
    this.#status = status
    this.#latencyMs = performance.now() - this.#startedMs
    this.endpoint.succeeded()
  }

  #finish(outcome: number, isError: boolean): void {
    this.endpoint.inFlight -= 1
    this.endpoint.current.count(outcome, this.#latencyMs, isError)
  }

  /**
   * Without an answer the time that the client waited is a lower bound of the latency, and counts as
   * such: a version that hangs until clients give up must not look like one without traffic.
   */
  #clientLeft(): void {
    if (this.#controller !== null) this.#latencyMs ??= performance.now() - this.#startedMs
    this.#finish(CLIENT_LEFT, this.#status >= 500)
  }

  #kindOf(error: Error & { readonly code?: string }): FailureKind {
    const { code } = error
    if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return 'unsendable'
    if (this.#controller === null) return 'never-sent'
    if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'timed-out'
    return 'no-answer'
  }
}
