import type { Status } from '../server/index.ts'
import { actorOf } from './actor.ts'
import { type Client, connect } from './client.ts'
import { actorOption, reasonOption, stateOption, text } from './options.ts'
import { table } from './table.ts'
import type { Verb } from './verb.ts'

/** Digests that were rejected and may not come back; lists them, or lifts one. */
export const verb: Verb = {
  example: 'slipway hold --lift sha256:4f2a90c1d3e5 --reason "the cause was the database"',
  json: `{
  id: string
  digest: string
  service: string
  environment: string
  reason: string
  by: string
  at: number // ms since 1970
  expiresAt: number
}[] // with --lift: { lifted: string }`,

  define(command) {
    command.option('--lift <digest>', 'let this digest (or what begins so) be deployed again')
    reasonOption(actorOption(stateOption(command)))
  },

  async run(context, _args, options) {
    const client = connect(context, options)
    if (typeof options.lift === 'string') {
      const body = {
        hold: await wholeDigest(client, options.lift),
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
        context.columns === null ? hold.digest : hold.digest.slice(0, 19),
        until(hold.expiresAt),
        hold.reason,
      ])
      context.out(table(rows, context.columns))
    }
    return 0
  },
}

/** The digest that begins like this, `sha256:` left out or not; as it was given when none does, or several do. */
async function wholeDigest(client: Client, given: string): Promise<string> {
  const { holds } = await client.get<Status>('/api/status')
  const start = given.replace(/^sha256:|…$/g, '')
  const found = holds.filter(({ digest }) => digest.startsWith(`sha256:${start}`))
  const digests = new Set(found.map(({ digest }) => digest))
  return start !== '' && digests.size === 1 ? found[0]!.digest : given
}

function until(at: number): string {
  return `until ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}`
}
