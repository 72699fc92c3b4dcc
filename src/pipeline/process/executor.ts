import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecuteRequest, ExecuteResult, Executor } from '../types.ts'
import { environmentOf } from './environment.ts'
import { ProcessTree } from './process-tree.ts'
import { startSidecar } from './sidecar.ts'

export type ProcessOptions = {
  /** How long a tree that is told to end may take until it is killed. Default 3000. */
  readonly graceMs?: number
}

/** Runs a step's command as processes of this machine, by `/bin/sh -c` in the step's folder. */
export function processExecutor({ graceMs = 3000 }: ProcessOptions = {}): Executor {
  return {
    async run(request) {
      const temporary = await mkdtemp(join(tmpdir(), 'slipway-step-'))
      // A sidecar that gives up root (Postgres) must still reach its files below; names there are unguessable.
      await chmod(temporary, 0o711)
      const trees: ProcessTree[] = []
      try {
        return await execute(request, { temporary, trees, graceMs })
      } finally {
        // The command first, so that it does not see its database vanish and say so.
        for (const tree of trees.toReversed()) await tree.stop(graceMs)
        await rm(temporary, { recursive: true, force: true, maxRetries: 3 })
      }
    },
  }
}

type Place = {
  readonly temporary: string
  /** Everything that was started, in order. */
  readonly trees: ProcessTree[]
  readonly graceMs: number
}

async function execute(request: ExecuteRequest, place: Place): Promise<ExecuteResult> {
  const { action, timeoutSeconds } = request.step
  if (action.kind !== 'command') throw new Error(`${request.step.id} is no command`)
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
  const stop = AbortSignal.any([request.signal, timeout])
  const folder = join(request.root, action.folder)
  const sidecars = await startSidecars(request, { ...place, folder, stop })
  const early = ended(request.signal, timeout)
  if (early !== null) return early
  if ('kind' in sidecars) return sidecars
  const env = environmentOf({ ...request.env, ...sidecars.addresses }, place.temporary)
  const tree = new ProcessTree({ run: action.run, folder, env, onOutput: request.onOutput })
  place.trees.push(tree)
  const aborted = Promise.withResolvers<void>()
  const abort = () => aborted.resolve()
  stop.addEventListener('abort', abort, { once: true })
  const end = await Promise.race([tree.exited.catch(asError), aborted.promise])
  stop.removeEventListener('abort', abort)
  if (end instanceof Error) return { kind: 'lost', reason: `${folder}: ${end.message}` }
  if (end !== undefined) {
    await tree.reap()
    return { kind: 'exited', exitCode: end }
  }
  await tree.stop(place.graceMs)
  return ended(request.signal, timeout) ?? { kind: 'cancelled' }
}

function ended(cancel: AbortSignal, timeout: AbortSignal): ExecuteResult | null {
  if (cancel.aborted) return { kind: 'cancelled' }
  return timeout.aborted ? { kind: 'timed-out' } : null
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

type Addresses = { readonly addresses: Readonly<Record<string, string>> }

async function startSidecars(
  request: ExecuteRequest,
  place: Place & { readonly folder: string; readonly stop: AbortSignal },
): Promise<Addresses | ExecuteResult> {
  const started = await Promise.all(
    Object.entries(request.step.sidecars).map(async ([name, sidecar]) => {
      const start = await startSidecar(sidecar, {
        name,
        folder: place.folder,
        env: environmentOf(request.sidecarEnv[name] ?? {}, place.temporary),
        onOutput: request.onOutput,
        signal: place.stop,
        onStart: (tree) => place.trees.push(tree),
      })
      return { address: sidecar.address, start }
    }),
  )
  const addresses: Record<string, string> = {}
  for (const { address, start } of started) {
    if (start.kind === 'failed') return { kind: 'lost', reason: start.reason }
    if (start.kind === 'cancelled') return { kind: 'cancelled' }
    addresses[address] = `127.0.0.1:${start.running.port}`
  }
  return { addresses }
}
