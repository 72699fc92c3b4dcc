import type { Status } from '../server/index.ts'
import { actorOf } from './actor.ts'
import { connect } from './client.ts'
import { actorOption, reasonOption, stateOption, text } from './options.ts'
import { table } from './table.ts'
import type { Verb } from './verb.ts'

/** Digests that were rejected and may not come back; lists them, or lifts one. */
export const verb: Verb = {
  example: 'slipway hold --lift sha256:4f2a… --reason "the cause was the database"',

  define(command) {
    command.option('--lift <digest>', 'let this digest be deployed again')
    reasonOption(actorOption(stateOption(command)))
  },

  async run(context, _args, options) {
    const client = connect(context, options)
    if (typeof options.lift === 'string') {
      const body = {
        hold: options.lift,
        actor: actorOf(context, options),
        reason: text(options, 'reason'),
      }
      const done = await client.post<{ lifted: string }>('/api/holds/lift', body)
      context.out(context.json ? JSON.stringify(done) : `lifted ${done.lifted}`)
      return 0
    }
    const { holds } = await client.get<Status>('/api/status')
    if (context.json) context.out(JSON.stringify(holds))
    else if (holds.length === 0) context.out('nothing is held')
    else {
      const rows = holds.map((hold) => [
        hold.environment,
        hold.service,
        hold.digest,
        until(hold.expiresAt),
        hold.reason,
      ])
      context.out(table(rows))
    }
    return 0
  },
}

function until(at: number): string {
  return `until ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}`
}
