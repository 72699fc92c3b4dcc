import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { runJob, summaryText, TerminalView } from '../demo/index.ts'
import { CliError } from './cli-error.ts'
import { connectTo } from './client.ts'
import type { Context, Verb } from './verb.ts'

const PORT = 8080

/** The main job: the example shop goes through four commits under load; stays up until Ctrl-C. */
export const verb: Verb = {
  example: 'slipway demo --exit',
  json: `{
  ok: boolean
  durationSeconds: number
  requests: { total: number; failed: number; failedByFaultyCanary: number }
  commits: {
    name: string
    outcome: 'promoted' | 'rolled-back'
    built: string[]
    cached: string[]
    rollouts: {
      service: string
      environment: string
      strategy: string
      steps: { name: string; weight: number; seconds: number; evidence: object | null }[]
      verdict: { verdict: string; reason: string } | null
    }[]
    requests: { version: string; total: number; failed: number }[]
    detection?: { seconds: number; badRequests: number } // of a bad change
    stages: { name: string; seconds: number }[]
  }[]
}`,

  define(command) {
    command
      .option('--exit', 'end after the job instead of staying up')
      .option(
        '--port <port>',
        `where the edge listens; default: ${PORT}, or a free one when it is taken`,
      )
  },

  async run(context, _args, options) {
    const script = process.argv[1] ?? ''
    const program = join(dirname(dirname(script)), 'bin', 'slipway')
    const view = new TerminalView(context)
    const finished = await runJob({
      example: exampleFolder(script),
      slipway: { command: process.execPath, args: [script] },
      env: context.env,
      connect: (home) => connectTo(home.serveSocket),
      port: await portOf(options),
      signal: context.signal,
      view,
    }).finally(() => view.close())
    try {
      const { summary, load, address, folder } = finished
      if (context.json) context.out(JSON.stringify(summary, null, 2))
      else context.out(summaryText(summary, load))
      if (!options.exit) {
        context.note(
          `the shop is open at ${address}\nlook around: cd ${join(folder, 'shop')} && ${program} status (Ctrl-C ends it all)`,
        )
        await untilAborted(context)
      }
      return summary.ok ? 0 : 1
    } finally {
      context.note('stopping what runs and removing what was made …')
      await finished.close()
    }
  },
}

function exampleFolder(script: string): string {
  const folder = join(dirname(dirname(script)), 'examples', 'shop')
  if (existsSync(folder)) return folder
  const message = `the main job needs the example shop of a checkout: there is no ${folder}`
  throw new CliError({ code: 'not-a-checkout', fault: 'input', message })
}

async function portOf(options: Readonly<Record<string, unknown>>): Promise<number> {
  if (typeof options.port === 'string') return Number(options.port)
  return (await freePort(PORT)) ?? (await freePort(0)) ?? PORT
}

/** The port when it can be listened on (0: any one); null: it is taken. */
async function freePort(port: number): Promise<number | null> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return null
  }
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : null
}

function untilAborted({ signal }: Context): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })
}
