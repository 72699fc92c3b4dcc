import { dirname, join } from 'node:path'
import { findProjectFile } from '../config/index.ts'
import { findHome, type Home } from '../home/index.ts'
import { stateOption } from './options.ts'
import type { Verb } from './verb.ts'

export type ServeParts = {
  readonly serve: (options: {
    readonly home: Home
    readonly file: string
    readonly environmentRepo: string | null
    readonly env: Readonly<Record<string, string | undefined>>
    readonly note: (text: string) => void
    readonly signal: AbortSignal
    readonly onReady: (project: string) => void
  }) => Promise<void>
}

/** The control plane of the project in this folder; stays until Ctrl-C. What runs goes on without it. */
export function serveVerb(parts: ServeParts): Verb {
  return {
    example: 'slipway serve',

    define(command) {
      stateOption(command).option(
        '--environment-repo <url>',
        'the Git repository that says what runs where; default: a bare one in the state folder',
      )
    },

    async run(context, _args, options) {
      const file = findProjectFile(context.cwd)
      const named = typeof options.state === 'string' ? options.state : context.env.SLIPWAY_STATE
      const home = findHome(dirname(file), named)
      const url = typeof options.environmentRepo === 'string' ? options.environmentRepo : null
      await parts.serve({
        home,
        file: join(dirname(file), 'slipway.yaml'),
        environmentRepo: url,
        env: context.env,
        note: context.note,
        signal: context.signal,
        onReady: (project) => {
          const started = { project, pid: process.pid, socket: home.serveSocket }
          const told = `serving ${project}: commits on its branches go on from here (Ctrl-C to stop)`
          context.out(context.json ? JSON.stringify(started) : told)
        },
      })
      return 0
    },
  }
}
