import type { Runner, Source } from '../controller/index.ts'
import type { Pipeline } from '../pipeline/index.ts'

/** The control plane's pipelines: each commit's with the project as that commit has it. */
export function runnerOf(pipeline: Pipeline, source: Source): Runner {
  return {
    async run({ id, commit, signal, onEvent }) {
      return pipeline.run(await source.project(commit), { id, commit, signal, onEvent })
    },
    async verify({ id, commit, environment, addresses, signal }) {
      const project = await source.project(commit)
      if ((project.environments[environment]?.verify ?? []).length === 0) return null
      const env = { ...addressVariables(addresses), SLIPWAY_ENVIRONMENT: environment }
      const result = await pipeline.verify(project, { id, commit, environment, env, signal })
      const failed = result.steps.filter((step) => step.status === 'failed')
      return result.ok
        ? null
        : failed.map((step) => `${step.id}: ${step.reason} (${step.log})`).join('; ')
    },
  }
}

/** `catalog` → `CATALOG_URL`, as instances get the addresses of what they need. */
function addressVariables(addresses: Readonly<Record<string, string>>): Record<string, string> {
  const name = (service: string) => `${service.toUpperCase().replaceAll('-', '_')}_URL`
  return Object.fromEntries(Object.entries(addresses).map(([service, url]) => [name(service), url]))
}
