import { type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { findHome } from '../home/index.ts'
import type { ErrorBody } from '../server/index.ts'
import { CliError } from './cli-error.ts'
import type { Context } from './verb.ts'

/** Refusals of what was asked rightly: the answer is no, for now. */
const NO: ReadonlySet<string> = new Set([
  'digest-held',
  'gate-closed',
  'no-release',
  'not-in-role',
  'nothing-before',
])

/** The control plane as the command line sees it. */
export interface Client {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: object): Promise<T>
  /** JSON lines as they come, until the signal or the end. */
  follow(path: string, signal: AbortSignal): AsyncGenerator<unknown>
}

/** Talks to `slipway serve` on its socket. Throws `serve-unreachable` where nothing listens. */
export function connect(context: Context, options: Readonly<Record<string, unknown>>): Client {
  const named = typeof options.state === 'string' ? options.state : context.env.SLIPWAY_STATE
  return connectTo(findHome(context.cwd, named).serveSocket)
}

/** The control plane behind a socket. */
export function connectTo(socketPath: string): Client {
  const ask = (asked: Asked) => send({ ...asked, socketPath })
  return {
    get: async (path) => answerOf(await ask({ method: 'GET', path }), socketPath),
    post: async (path, body) => answerOf(await ask({ method: 'POST', path, body }), socketPath),
    async *follow(path, signal) {
      const answer = await ask({ method: 'GET', path, signal })
      if (answer.statusCode !== 200) await answerOf(answer, socketPath)
      try {
        for await (const line of createInterface({ input: answer })) yield JSON.parse(line)
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
  }
}

type Asked = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
  readonly signal?: AbortSignal
}

function send(asked: Asked & { readonly socketPath: string }): Promise<IncomingMessage> {
  const { socketPath, method, path, body, signal } = asked
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const call = request(
      { socketPath, method, path, headers, ...(signal ? { signal } : {}) },
      resolve,
    )
    call.on('error', (cause: NodeJS.ErrnoException) => {
      if (cause.name === 'AbortError') return
      reject(unreachable(socketPath, cause))
    })
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function unreachable(socketPath: string, cause: NodeJS.ErrnoException): CliError {
  return new CliError({
    code: 'serve-unreachable',
    fault: 'outside',
    retry: 'later',
    cause,
    message: `nothing answers at ${socketPath}: start \`slipway serve\`, or name its folder with --state`,
  })
}

async function answerOf<T>(answer: IncomingMessage, socketPath: string): Promise<T> {
  const text = await textOf(answer, socketPath)
  if (answer.statusCode === 200) return JSON.parse(text) as T
  const { code, message, fault } = JSON.parse(text) as ErrorBody
  throw new CliError({ code: NO.has(code) ? 'answer-is-no' : 'refused', fault, message })
}

async function textOf(answer: IncomingMessage, socketPath: string): Promise<string> {
  const pieces: Buffer[] = []
  try {
    for await (const piece of answer) pieces.push(piece)
  } catch (error) {
    throw unreachable(socketPath, error as NodeJS.ErrnoException)
  }
  return Buffer.concat(pieces).toString('utf8')
}
