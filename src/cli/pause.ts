import { actorOf } from './actor.ts'
import { connect } from './client.ts'
import { actorOption, reasonOption, stateOption, text } from './options.ts'
import type { Verb } from './verb.ts'

/** Stops taking steps; the judge goes on, so a bad version is still rolled back. */
export const pause: Verb = rolloutVerb(
  'pause',
  'slipway pause production/orders --reason "release freeze"',
)

/** Goes on with a paused rollout. */
export const resume: Verb = rolloutVerb('resume', 'slipway resume production/orders')

function rolloutVerb(kind: 'pause' | 'resume', example: string): Verb {
  return {
    example,
    json: `{ rollout: string } // its id`,

    define(command) {
      command.argument(
        '<rollout>',
        'its id, or ENVIRONMENT or ENVIRONMENT/SERVICE for what is under way there',
      )
      reasonOption(actorOption(stateOption(command)))
    },

    async run(context, [rollout], options) {
      const body = { kind, actor: actorOf(context, options), reason: text(options, 'reason') }
      const done = await connect(context, options).post<{ rollout: string }>(
        `/api/rollouts/${rollout}`,
        body,
      )
      context.out(context.json ? JSON.stringify(done) : `${kind}d ${done.rollout}`)
      return 0
    },
  }
}
