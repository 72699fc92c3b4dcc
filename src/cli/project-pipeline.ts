import { basename, dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import {
  ConfigError,
  findProjectFile,
  formatProblem,
  type Project,
  parseProject,
} from '../config/index.ts'
import { type Home, homeOf } from '../home/index.ts'
import type { Pipeline } from '../pipeline/index.ts'
import { stateOption, text } from './options.ts'
import type { Context } from './verb.ts'

/** What `plan` and `run` need of the world. */
export type PipelineVerbParts = {
  /** The pipeline of the project in `root` (absolute), which keeps its state in `home`. */
  readonly pipelineOf: (place: {
    readonly root: string
    readonly home: Home
    readonly env: Context['env']
  }) => Pipeline
}

export type Asked = {
  readonly project: Project
  readonly pipeline: Pipeline
  readonly request: {
    readonly commit: string
    readonly only?: readonly string[]
    readonly useCache: boolean
  }
}

/** The options by which `plan` and `run` name what they are about. */
export function pipelineOptions(command: Command): Command {
  return stateOption(command)
    .option('--commit <ref>', 'a branch, tag or SHA; default: HEAD')
    .option('--only <service...>', 'these services alone, and what they need')
    .option('--no-cache', 'run every step, whatever the cache holds')
}

/** The project as it is at the commit, and its pipeline. */
export async function askedPipeline(
  { pipelineOf }: PipelineVerbParts,
  context: Context,
  options: Readonly<Record<string, unknown>>,
): Promise<Asked> {
  const file = findProjectFile(context.cwd)
  const root = dirname(file)
  const home = homeOf(resolve(context.cwd, text(options, 'state') || resolve(root, '.slipway')))
  const pipeline = pipelineOf({ root, home, env: context.env })
  const commit = await pipeline.commitOf(text(options, 'commit') || 'HEAD')
  const parsed = parseProject(await pipeline.fileAt(commit, basename(file)), file)
  if ('problems' in parsed) {
    const message = parsed.problems.map(formatProblem).join('\n')
    throw new ConfigError({ code: 'project-file-wrong', fault: 'input', message }, parsed.problems)
  }
  const only = Array.isArray(options.only) ? { only: options.only.map(String) } : {}
  const request = { commit, useCache: options.cache !== false, ...only }
  return { project: parsed.project, pipeline, request }
}
