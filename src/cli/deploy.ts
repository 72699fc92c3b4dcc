import type { Passage } from '../release/index.ts'
import { actorOf } from './actor.ts'
import { connect } from './client.ts'
import { actorOption, reasonOption, stateOption, text } from './options.ts'
import type { Verb } from './verb.ts'

/** Puts a release straight into an environment, an older one too; holds and approvals still bind. */
export const verb: Verb = {
  example: 'slipway deploy production 4f2a90c1d3e5 --reason "hotfix for the checkout"',

  define(command) {
    command
      .argument('<environment>', 'where to')
      .argument('<release>', 'its id, or the start of its commit')
    reasonOption(actorOption(stateOption(command)))
  },

  async run(context, [environment, release], options) {
    const path = `/api/environments/${environment}/deploy`
    const body = { release, actor: actorOf(context, options), reason: text(options, 'reason') }
    const passage = await connect(context, options).post<Passage>(path, body)
    context.out(
      context.json
        ? JSON.stringify(passage)
        : `${passage.release} goes to ${environment}: ${passage.commit.slice(0, 12)}`,
    )
    return 0
  },
}
