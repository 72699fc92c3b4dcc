import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Probe, Sidecar } from '../../config/index.ts'
import { ProcessTree } from './process-tree.ts'

export type RunningSidecar = { readonly tree: ProcessTree; readonly port: number }

export type SidecarStart =
  | { readonly kind: 'ready'; readonly running: RunningSidecar }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'cancelled' }

export type SidecarPlace = {
  readonly name: string
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly onOutput: (text: string) => void
  readonly signal: AbortSignal
  /** Given the tree as soon as it runs, so that whoever ends the step ends it too. */
  readonly onStart: (tree: ProcessTree) => void
}

/** Starts the program on a free port of its own and waits until its probe passes. */
export async function startSidecar(sidecar: Sidecar, place: SidecarPlace): Promise<SidecarStart> {
  const port = await freePort()
  const tree = new ProcessTree({
    run: sidecar.run,
    folder: place.folder,
    env: { ...place.env, PORT: String(port) },
    onOutput: labelled(place.name, place.onOutput),
  })
  place.onStart(tree)
  let ended: string | null = null
  tree.exited.then(
    (code) => {
      ended = `it exited with ${code} before it was ready`
    },
    (error: Error) => {
      ended = `it could not be started: ${error.message}`
    },
  )
  const { deadlineSeconds, intervalSeconds } = sidecar.ready
  const deadline = performance.now() + deadlineSeconds * 1000
  while (!place.signal.aborted) {
    const isReady = await answers(port, sidecar.ready)
    if (ended !== null) return failed(place.name, ended)
    if (isReady) return { kind: 'ready', running: { tree, port } }
    if (performance.now() > deadline) {
      return failed(place.name, `it was not ready within ${deadlineSeconds} s`)
    }
    await sleep(Math.min(intervalSeconds * 1000, 200))
  }
  return { kind: 'cancelled' }
}

function failed(name: string, why: string): SidecarStart {
  return { kind: 'failed', reason: `sidecar ${name} is missing: ${why}` }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a TCP server without port')
  return address.port
}

function answers(port: number, probe: Probe): Promise<boolean> {
  const timeout = probe.timeoutSeconds * 1000
  return probe.path === null ? accepts(port, timeout) : answersOk(port, probe.path, timeout)
}

function accepts(port: number, timeout: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1', timeout })
    const end = (is: boolean) => () => {
      socket.destroy()
      done(is)
    }
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false))
  })
}

async function answersOk(port: number, path: string, timeout: number): Promise<boolean> {
  // Loading it takes 40 ms, which a run without sidecars need not pay.
  const { get } = await import('node:http')
  return new Promise((done) => {
    const request = get({ port, host: '127.0.0.1', path, timeout, agent: false }, (response) => {
      response.resume()
      done(response.statusCode! >= 200 && response.statusCode! < 300)
    })
    request.once('error', () => done(false)).once('timeout', () => request.destroy())
  })
}

/** Whole lines with the sidecar's name in front; the last one when it comes. */
function labelled(name: string, onOutput: (text: string) => void): (text: string) => void {
  let begun = false
  return (text) => {
    if (text === '') return
    const lines = text.replace(/\n(?!$)/g, `\n[${name}] `)
    onOutput(begun ? lines : `[${name}] ${lines}`)
    begun = !text.endsWith('\n')
  }
}
