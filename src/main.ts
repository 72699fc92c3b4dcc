/**
 * Where the parts are put together: this file and the ones in main/ are the only ones that know
 * every adapter. Each is loaded when a verb asks for it, so that the others start fast.
 */
import { enableCompileCache } from 'node:module'
import { type Context, type ExitCode, runCommandLine, verbs } from './cli/index.ts'

enableCompileCache()
process.exitCode = await main()

async function main(): Promise<ExitCode> {
  const entries = verbs({
    serve: () => import('./main/serve.ts'),
    node: () => import('./main/node.ts'),
    pipeline: () => import('./main/pipeline.ts'),
    judge: async () => (await import('./main/judge.ts')).judgeParts(),
  })
  return runCommandLine(entries, process.argv.slice(2), contextOf())
}

function contextOf(): Context {
  return {
    cwd: process.cwd(),
    env: process.env,
    out: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    isTerminal: process.stderr.isTTY === true,
    json: false,
    signal: interrupted(),
  }
}

/** The first Ctrl-C asks to clean up and end; a second one does not wait. */
function interrupted(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort()
    })
  }
  return controller.signal
}
