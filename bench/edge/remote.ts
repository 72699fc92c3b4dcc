import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** What a process answers to, by name. */
export type Methods = Readonly<Record<string, (...args: never[]) => unknown>>

type Call = { readonly id: number; readonly method: string; readonly args: readonly never[] }
type Answer = { readonly id: number; readonly value: unknown }

/** In the process that answers: until its parent lets go of it. */
export function answerCalls(methods: Methods): void {
  process.on('message', async ({ id, method, args }: Call) => {
    const value = await methods[method]!(...args)
    process.send!({ id, value } satisfies Answer)
  })
  process.on('disconnect', () => process.exit())
  process.send!('ready')
}

/** In the process that asks. */
export class Remote {
  readonly pid: number
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (value: unknown) => void>()
  #calls = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    this.pid = child.pid!
    child.on('message', ({ id, value }: Answer) => {
      this.#waiting.get(id)?.(value)
      this.#waiting.delete(id)
    })
  }

  /** @param child started with an `ipc` channel, whose first message is that it is ready */
  static async to(child: ChildProcess): Promise<Remote> {
    await once(child, 'message')
    return new Remote(child)
  }

  call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = ++this.#calls
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.set(id, resolve)
    this.#child.send({ id, method, args }, (error) => error && reject(error))
    return promise
  }
}
