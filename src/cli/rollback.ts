import { actorOf } from './actor.ts'
import { connect } from './client.ts'
import { actorOption, reasonOption, stateOption, text } from './options.ts'
import type { Verb } from './verb.ts'
import { tellWhatFollows } from './what-follows.ts'

/** Takes an environment back: aborts its rollouts under way, or else reverts its last promotion. */
export const verb: Verb = {
  example: 'slipway rollback production --reason "customers report empty baskets"',
  json: `{ done: string }`,

  define(command) {
    command.argument('<environment>', 'which environment')
    reasonOption(actorOption(stateOption(command)))
  },

  async run(context, [environment], options) {
    const path = `/api/environments/${environment}/rollback`
    const body = { actor: actorOf(context, options), reason: text(options, 'reason') }
    const { done } = await connect(context, options).post<{ done: string }>(path, body)
    context.out(context.json ? JSON.stringify({ done }) : done)
    tellWhatFollows(
      context,
      `watch it: slipway status ${environment}; what is held now: slipway hold`,
    )
    return 0
  },
}
