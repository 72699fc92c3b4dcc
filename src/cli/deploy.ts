import type { Passage } from '../release/index.ts'
import { actorOf } from './actor.ts'
import { connect } from './client.ts'
import { actorOption, reasonOption, stateOption, text } from './options.ts'
import type { Verb } from './verb.ts'
import { tellWhatFollows } from './what-follows.ts'

/** Puts a release straight into an environment, an older one too; holds and approvals still bind. */
export const verb: Verb = {
  example: 'slipway deploy production 4f2a90c1d3e5 --reason "hotfix for the checkout"',
  json: `{
  environment: string
  release: string
  sequence: number
  status: 'rolling' | 'verifying' | 'passed' | 'failed' | 'rolled-back' | 'superseded'
  since: number // ms since 1970
  commit: string // of the environment repo
  reason: string
}`,

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
        : `${passage.release} goes to ${environment} with commit ${passage.commit.slice(0, 12)} of the environment repo`,
    )
    tellWhatFollows(context, `watch it: slipway status ${environment} --watch`)
    return 0
  },
}
