import type { Plan, PlannedStep } from '../pipeline/index.ts'
import { askedPipeline, type PipelineVerbParts, pipelineOptions } from './project-pipeline.ts'
import { table } from './table.ts'
import type { Verb } from './verb.ts'

/** Tells what a run of a commit would do, and why; runs nothing. */
export function planVerb(parts: PipelineVerbParts): Verb {
  return {
    example: 'slipway plan --commit main',
    json: `{
  commit: string
  steps: {
    id: string
    service: string | null // null: of the whole project
    needs: string[]
    cached: boolean
    reason: string
    key: string | null // of the cache; null: never cached
    expectedSeconds: number
    failureShare: number // 0..1
  }[]
}`,
    define: pipelineOptions,
    async run(context, _args, options) {
      const { project, pipeline, request } = await askedPipeline(parts, context, options)
      const plan = await pipeline.plan(project, request)
      context.out(context.json ? JSON.stringify(documentOf(plan)) : textOf(plan, context.columns))
      return 0
    },
  }
}

function documentOf({ commit, steps }: Plan) {
  return {
    commit,
    steps: steps.map(({ step, key, cached, reason, expectedSeconds, failureShare }) => ({
      id: step.id,
      service: step.service,
      needs: step.needs,
      cached,
      reason,
      key,
      expectedSeconds,
      failureShare,
    })),
  }
}

function textOf({ commit, steps }: Plan, columns: number | null): string {
  const runs = steps.filter(({ cached }) => !cached).length
  const name = `${commit.slice(0, 12)}${commit.includes('+') ? ' with changes' : ''}`
  const summary = `${name}: ${runs} of ${steps.length} steps run, ${steps.length - runs} are cached`
  return `${table([['step', 'does', 'about', 'why'], ...steps.map(row)], columns)}\n${summary}`
}

function row({ step, cached, expectedSeconds, reason }: PlannedStep): readonly string[] {
  const about = cached ? '' : `${expectedSeconds.toFixed(expectedSeconds < 10 ? 1 : 0)} s`
  return [step.id, cached ? 'cached' : 'run', about, reason]
}
