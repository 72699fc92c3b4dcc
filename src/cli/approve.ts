import { actorOf } from './actor.ts'
import { connect } from './client.ts'
import { actorOption, stateOption } from './options.ts'
import type { Verb } from './verb.ts'
import { tellWhatFollows } from './what-follows.ts'

/** Approves a release for an environment, for every role that the environment asks for and the actor has. */
export const verb: Verb = {
  example: 'slipway approve production',
  json: `{ roles: string[] } // for which it is approved now`,

  define(command) {
    command
      .argument('<environment>', 'for which environment')
      .argument('[release]', 'default: the one that waits')
    actorOption(stateOption(command))
  },

  async run(context, [environment, release], options) {
    const body = { release: release ?? null, actor: actorOf(context, options) }
    const path = `/api/environments/${environment}/approve`
    const { roles } = await connect(context, options).post<{ roles: string[] }>(path, body)
    context.out(
      context.json
        ? JSON.stringify({ roles })
        : `approved for ${environment} as ${roles.join(', ')}`,
    )
    tellWhatFollows(
      context,
      `it goes on by itself when nothing else holds it: slipway status ${environment}`,
    )
    return 0
  },
}
