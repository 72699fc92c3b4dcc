import type { Dispatcher } from 'undici'

export type Answer = {
  readonly status: number
  readonly revision: string | null
  readonly version: string | null
}

/** What came of a request: the answer as far as there was one, and why it failed. */
export type Ending = { readonly answer: Answer | null; readonly failure: string | null }

class TimedOut extends Error {}

/**
 * One request on its way. It reads the answer to its end and keeps nothing of it: with hundreds a
 * second, streams and promises for each would cost more than the requests.
 */
export class Flight implements Dispatcher.DispatchHandler {
  readonly dueMs: number
  readonly #land: (flight: Flight, ending: Ending) => void
  #controller: Dispatcher.DispatchController | null = null
  #answer: Answer | null = null
  #isOver = false

  /** @param dueMs when it should have been sent, on the clock of `performance.now()` */
  constructor(dueMs: number, land: (flight: Flight, ending: Ending) => void) {
    this.dueMs = dueMs
    this.#land = land
  }

  /** Gives up: counts as a timeout, and closes its connection. */
  timeOut(): void {
    this.#over(new TimedOut())
    this.#controller?.abort(new TimedOut())
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isOver) controller.abort(new TimedOut())
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#answer = {
      status,
      revision: only(headers['x-slipway-revision']),
      version: only(headers['x-shop-version']),
    }
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    this.#over(null)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#over(error)
  }

  #over(error: Error | null): void {
    if (this.#isOver) return
    this.#isOver = true
    const answer = this.#answer
    const failure = error === null ? failureOf(answer) : reasonOf(error)
    this.#land(this, { answer, failure })
  }
}

function failureOf(answer: Answer | null): string | null {
  if (answer === null) return 'no answer'
  return answer.status >= 200 && answer.status < 400 ? null : `status ${answer.status}`
}

function reasonOf(error: Error): string {
  if (error instanceof TimedOut) return 'timeout'
  const code = 'code' in error ? String(error.code) : error.name
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return 'reset'
    case 'ECONNREFUSED':
      return 'refused'
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return 'timeout'
    default:
      return code
  }
}

function only(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value : (value?.[0] ?? null)
}
