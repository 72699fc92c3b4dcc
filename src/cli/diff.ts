import { diffText, type WorkloadDiff } from '../gitops/index.ts'
import { connect } from './client.ts'
import { stateOption } from './options.ts'
import type { Verb } from './verb.ts'

/** What promoting a release would change in an environment. */
export const verb: Verb = {
  example: 'slipway diff production',
  json: `{
  environment: string
  service: string
  kind: 'added' | 'removed' | 'changed'
  fields: { field: string; before: string | null; after: string | null }[]
}[]`,

  define(command) {
    command
      .argument('<environment>', 'which environment')
      .argument('[release]', 'default: the next one')
    stateOption(command)
  },

  async run(context, [environment, release], options) {
    const query = release ? `?release=${encodeURIComponent(release)}` : ''
    const path = `/api/environments/${environment}/diff${query}`
    const changes = await connect(context, options).get<readonly WorkloadDiff[]>(path)
    if (context.json) context.out(JSON.stringify(changes))
    else
      context.out(
        changes.length === 0 ? `nothing would change in ${environment}` : diffText(changes),
      )
    return changes.length === 0 ? 0 : 1
  },
}
