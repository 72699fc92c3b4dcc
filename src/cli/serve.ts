import { dirname, join } from 'node:path'
import { findProjectFile } from '../config/index.ts'
import { findHome, type Home } from '../home/index.ts'
import { stateOption } from './options.ts'
import type { Context, Verb } from './verb.ts'

export type ServeOptions = Pick<Context, 'env' | 'note' | 'signal'> & {
  readonly home: Home
  /** Absolute path of slipway.yaml. */
  readonly file: string
  /** Address of the environment repo; null: the bare one that Slipway keeps. */
  readonly environmentRepo: string | null
  /** Called with the project's name once it answers. */
  readonly onReady: (project: string) => void
}

export type ServeParts = { readonly serve: (options: ServeOptions) => Promise<void> }

/** The control plane of the project in this folder; stays until Ctrl-C. What runs goes on without it. */
export function serveVerb(parts: ServeParts): Verb {
  return {
    example: 'slipway serve',
    json: `{ project: string; pid: number; socket: string }`,

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
