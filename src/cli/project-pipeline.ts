import { join } from 'node:path'
import type { Command } from 'commander'
import type { Project } from '../config/index.ts'
import { findHome, findProjectFolder, type Home } from '../home/index.ts'
import type { Pipeline } from '../pipeline/index.ts'
import { CliError } from './cli-error.ts'
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
    .option('--dirty', 'the work tree as it is, changes that are in no commit included')
    .option('--only <service...>', 'these services alone, and what they need')
    .option('--no-cache', 'run every step, whatever the cache holds')
}

/** The project as it is at the commit, and its pipeline. */
export async function askedPipeline(
  { pipelineOf }: PipelineVerbParts,
  context: Context,
  options: Readonly<Record<string, unknown>>,
): Promise<Asked> {
  const root = findProjectFolder(context.cwd) ?? (await refuse(context.cwd))
  const file = join(root, 'slipway.yaml')
  const home = findHome(context.cwd, text(options, 'state') || context.env.SLIPWAY_STATE)
  const pipeline = pipelineOf({ root, home, env: context.env })
  const name = await commitNamed(pipeline, options)
  const parse = (written: string) => parsedProject(written, file)
  const { commit, project } = await pipeline.projectAt(name, { file, parse })
  const only = Array.isArray(options.only) ? { only: options.only.map(String) } : {}
  const request = { commit, useCache: options.cache !== false, ...only }
  return { project, pipeline, request }
}

async function commitNamed(
  pipeline: Pipeline,
  options: Readonly<Record<string, unknown>>,
): Promise<string> {
  const commit = text(options, 'commit')
  if (options.dirty !== true) return commit || 'HEAD'
  if (commit === '') return pipeline.snapshot()
  const message = '--dirty is about the work tree: leave out --commit, or leave out --dirty'
  throw new CliError({ code: 'bad-option', fault: 'input', message })
}

async function refuse(folder: string): Promise<string> {
  const { findProjectFile } = await import('../config/index.ts')
  return findProjectFile(folder)
}

/** What parses is loaded only for a file that was not read before. */
async function parsedProject(written: string, file: string): Promise<Project> {
  const { ConfigError, formatProblem, parseProject } = await import('../config/index.ts')
  const parsed = parseProject(written, file)
  if ('project' in parsed) return parsed.project
  const message = parsed.problems.map(formatProblem).join('\n')
  throw new ConfigError({ code: 'project-file-wrong', fault: 'input', message }, parsed.problems)
}
