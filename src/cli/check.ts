import { relative, resolve } from 'node:path'
import { checkProject, findProjectFile, formatProblem, type Problem } from '../config/index.ts'
import type { Context, ExitCode, Verb } from './verb.ts'

/** Tells all that is wrong with `slipway.yaml`, what it names on disk included. */
export const verb: Verb = {
  example: 'slipway check',
  json: `{
  ok: boolean
  file: string
  services?: number // only when ok
  environments?: number
  problems: { file: string; line: number; column: number; path: string; message: string; hint: string | null }[]
}`,

  define(command) {
    command.argument('[file]', 'the file to check; default: the nearest slipway.yaml')
  },

  async run(context, args) {
    const [given] = args
    const file = given === undefined ? findProjectFile(context.cwd) : resolve(context.cwd, given)
    const name = relative(context.cwd, file)
    const checked = checkProject(file)
    if ('problems' in checked) return reject(context, name, checked.problems)
    const { services, environments } = checked.project
    const counts = { services: countOf(services), environments: countOf(environments) }
    if (context.json) context.out(JSON.stringify({ ok: true, file: name, ...counts, problems: [] }))
    else
      context.out(
        `${name} is right: ${count(counts.services, 'service')}, ${count(counts.environments, 'environment')}`,
      )
    return 0
  },
}

function reject(context: Context, name: string, found: readonly Problem[]): ExitCode {
  const problems = found.map((problem) => ({ ...problem, file: name }))
  if (context.json) context.out(JSON.stringify({ ok: false, file: name, problems }))
  else {
    context.out(problems.map(formatProblem).join('\n'))
    context.note(`${name} has ${count(problems.length, 'problem')}`)
  }
  return 2
}

function countOf(map: object): number {
  return Object.keys(map).length
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
