import type { Passage } from '../release/index.ts'
import { actorOf } from './actor.ts'
import { connect } from './client.ts'
import { actorOption, stateOption } from './options.ts'
import type { Verb } from './verb.ts'
import { tellWhatFollows } from './what-follows.ts'

/** Sends a release on to the next environment, or takes a rollout to its end by hand. */
export const verb: Verb = {
  example: 'slipway promote production',
  json: `{
  environment: string
  release: string
  sequence: number
  status: 'rolling' | 'verifying' | 'passed' | 'failed' | 'rolled-back' | 'superseded'
  since: number // ms since 1970
  commit: string // of the environment repo
  reason: string
} // with --rollout: { rollout: string } // its id`,

  define(command) {
    command
      .argument('<environment>', 'where to')
      .argument('[release]', 'default: the next one')
      .option('--rollout', 'take the rollouts under way there to 100 % without more evidence')
    actorOption(stateOption(command))
  },

  async run(context, [environment, release], options) {
    const client = connect(context, options)
    const actor = actorOf(context, options)
    if (options.rollout) {
      const path = `/api/rollouts/${environment}`
      const done = await client.post<{ rollout: string }>(path, { kind: 'promote', actor })
      context.out(context.json ? JSON.stringify(done) : `promoting ${done.rollout}`)
      return 0
    }
    const path = `/api/environments/${environment}/promote`
    const passage = await client.post<Passage>(path, { release: release ?? null, actor })
    context.out(
      context.json
        ? JSON.stringify(passage)
        : `${passage.release} goes to ${environment} with commit ${passage.commit.slice(0, 12)} of the environment repo`,
    )
    tellWhatFollows(context, `watch it: slipway status ${environment} --watch`)
    return 0
  },
}
