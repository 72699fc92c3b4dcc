import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { RunResult, StepResult } from '../pipeline/index.ts'
import { CliError } from './cli-error.ts'
import { text } from './options.ts'
import { progressOf } from './progress.ts'
import { askedPipeline, type PipelineVerbParts, pipelineOptions } from './project-pipeline.ts'
import type { Verb } from './verb.ts'

/** How much of a failed step's log is shown. */
const LAST_LINES = 20

/** Runs a commit's pipeline here and now: build, test, package, and what the user added. */
export function runVerb(parts: PipelineVerbParts): Verb {
  return {
    example: 'slipway run --only orders',
    json: `{
  id: string
  commit: string // with --dirty COMMIT+ID
  ok: boolean
  seconds: number
  steps: {
    id: string
    service: string | null // null: of the whole project
    status: 'passed' | 'cached' | 'failed' | 'cancelled' | 'skipped'
    seconds: number
    key: string | null // of the cache; null: never cached
    reason: string
    log: string | null // absolute path
    exitCode: number | null
  }[]
  artifacts: {
    [service: string]: { service: string; digest: string; version: string; commit: string; cached: boolean }
  }
}`,
    define(command) {
      pipelineOptions(command)
        .option('--jobs <n>', 'steps at the same time; default: the cores')
        .option('--fail-fast', 'the first failure ends everything that runs')
    },
    async run(context, _args, options) {
      const jobs = jobsOf(text(options, 'jobs'))
      const { project, pipeline, request } = await askedPipeline(parts, context, options)
      const progress = await progressOf(context)
      const result = await pipeline
        .run(project, {
          ...request,
          ...(jobs === null ? {} : { jobs }),
          id: `local-${Date.now().toString(36)}-${randomBytes(3).toString('hex')}`,
          failFast: options.failFast === true,
          onEvent: progress.show,
          signal: context.signal,
        })
        .finally(progress.end)
      for (const step of result.steps) {
        if (step.status === 'failed') context.note(await failureOf(step))
      }
      context.out(context.json ? JSON.stringify(result) : summaryOf(result))
      return result.ok ? 0 : 1
    },
  }
}

function jobsOf(given: string): number | null {
  if (given === '') return null
  if (/^[1-9]\d{0,3}$/.test(given)) return Number(given)
  throw new CliError({
    code: 'bad-option',
    fault: 'input',
    message: `--jobs ${given} is no number of steps: give a whole number from 1`,
  })
}

async function failureOf({ id, reason, log }: StepResult): Promise<string> {
  if (log === null) return `${id} failed: ${reason}`
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-LAST_LINES)
  const quoted = lines.map((line) => `  ${line}`).join('\n')
  return `\n${id} failed: ${reason}; its last lines were\n${quoted}\nall of it: ${log}`
}

function summaryOf({ commit, ok, seconds, steps, artifacts }: RunResult): string {
  const count = (status: StepResult['status']) => steps.filter((s) => s.status === status).length
  const counts = (['passed', 'cached', 'failed', 'cancelled', 'skipped'] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${status}`)
  const made = Object.values(artifacts)
    .filter(({ cached }) => !cached)
    .map(({ service, version, digest }) => `${service} ${version} ${digest}`)
  const head = `${ok ? 'passed' : 'failed'} in ${seconds.toFixed(1)} s: ${counts.join(', ')}`
  const dirty = commit.includes('+') ? ['changes are not committed, so no artifact is made'] : []
  return [...made, head, ...dirty].join('\n')
}
