/**
 * Where the parts are put together: this file and the ones in main/ are the only ones that know
 * every adapter. Each is loaded when a verb asks for it, so that the others start fast.
 */
import { enableCompileCache } from 'node:module'
import { type Context, runCommandLine, verbs } from './cli/index.ts'
import { parts } from './main/parts.ts'

enableCompileCache()
process.stdout.on('error', endWithTheReader)
process.exitCode = await runCommandLine(verbs(parts), process.argv.slice(2), contextOf())

/** Who reads the output (`head`) has seen enough. */
function endWithTheReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
}

function contextOf(): Context {
  return {
    cwd: process.cwd(),
    env: process.env,
    out: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    isTerminal: process.stderr.isTTY === true,
    columns: process.stdout.isTTY === true ? process.stdout.columns : null,
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
