import { once } from 'node:events'
import { findHome, type Home } from '../home/index.ts'
import type { RunningNode } from '../node/index.ts'
import { CliError } from './cli-error.ts'
import { stateOption } from './options.ts'
import type { Context, Verb } from './verb.ts'

export type NodeVerbParts = {
  readonly startNode: (options: {
    readonly home: Home
    readonly port: number
    readonly env: Context['env']
  }) => Promise<RunningNode>
}

/** The data plane of this folder: instances and the edge; stays until Ctrl-C. */
export function nodeVerb(parts: NodeVerbParts): Verb {
  return {
    example: 'slipway node --port 8080',
    json: `{ address: string; port: number; pid: number; socket: string; state: string }`,

    define(command) {
      stateOption(command)
        .option('--port <number>', 'where the edge listens on 127.0.0.1; 0: any free port', '8080')
        .option(
          '--leave-running',
          'at Ctrl-C let instances run on, for the next node to take up; default: drain and end them',
        )
    },

    async run(context, _args, options) {
      const named = typeof options.state === 'string' ? options.state : context.env.SLIPWAY_STATE
      const home = findHome(context.cwd, named)
      const node = await parts.startNode({ home, port: portOf(options.port), env: context.env })
      tell(context, home, node)
      if (!context.signal.aborted) await once(context.signal, 'abort')
      const leaveRunning = options.leaveRunning === true
      context.note(
        leaveRunning ? 'the node ends, its instances run on' : 'draining and ending all instances',
      )
      await node.close({ leaveRunning })
      return 0
    },
  }
}

function tell(context: Context, home: Home, { health }: RunningNode): void {
  const { pid, port, problem } = health
  const address = `http://127.0.0.1:${port}`
  const place = { address, port, pid, socket: home.nodeSocket, state: home.root }
  context.out(
    context.json
      ? JSON.stringify(place)
      : `the edge listens on ${address}, the node on ${home.nodeSocket} (process ${pid}; Ctrl-C to stop)`,
  )
  if (problem !== null) context.note(problem)
}

function portOf(value: unknown): number {
  const port = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (port <= 65_535) return port
  throw new CliError({
    code: 'bad-option',
    fault: 'input',
    message: `--port ${value} is no port: give a number from 0 to 65535`,
  })
}
