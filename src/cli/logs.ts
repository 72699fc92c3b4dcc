import { findHome, type Home } from '../home/index.ts'
import { type KeptRun, keptLogs, keptRun, keptRunIds } from '../pipeline/index.ts'
import { CliError } from './cli-error.ts'
import { lastLines, type Tailed, tail } from './log-tail.ts'
import { stateOption, text } from './options.ts'
import { paintOf } from './paint.ts'
import type { Context, Verb } from './verb.ts'

export type Workload = { readonly environment: string; readonly service: string }

/** What `logs` needs of the node: where it keeps what instances print. */
export type LogsParts = {
  /** All that have a log. */
  readonly workloads: (home: Home) => readonly Workload[]
  /** Those that were written to last first. */
  readonly instances: (home: Home, workload: Workload) => readonly InstanceLog[]
  /** Ids of the instances that run now; null: there is no node to be asked. */
  readonly liveInstances: (home: Home, workload: Workload) => Promise<readonly string[] | null>
}

export type InstanceLog = { readonly instance: string; readonly file: string }

const LINES = 200

/** Prints what instances or the steps of a run have printed, and what they go on to print. */
export function logsVerb(parts: LogsParts): Verb {
  return {
    example: 'slipway logs production/orders --follow',
    json: `{
  of: string // ENVIRONMENT/SERVICE, or the id of a run
  logs: { name: string; file: string; lines: string[] }[] // name: an instance or a step
} // with --follow a line for each: { name: string; line: string }`,

    define(command) {
      stateOption(command)
        .argument('[what]', 'ENVIRONMENT/SERVICE, or a run or commit; default: the last run')
        .argument('[step]', 'of a run: this step alone')
        .option('--follow', 'go on as more is printed, until the run ends or Ctrl-C')
        .option('--instance <id>', 'this instance alone, also one that has ended')
        .option('--lines <n>', `how many of each log, from its end; default: ${LINES}`)
    },

    async run(context, [what, step], options) {
      const named = text(options, 'state') || context.env.SLIPWAY_STATE
      const home = findHome(context.cwd, named)
      const source = what?.includes('/')
        ? workloadSource({ home, parts, what, instance: text(options, 'instance') })
        : await runSource(home, what, step)
      const lines = linesOf(text(options, 'lines'))
      if (options.follow === true) await follow(context, source, lines)
      else await show(context, source, lines)
      return 0
    },
  }
}

/** Where lines come from: looked at again, because instances and steps begin meanwhile. */
type Source = {
  readonly of: string
  readonly logs: () => Promise<readonly Tailed[]>
  /** Whether nothing more will come. */
  readonly isOver: () => Promise<boolean>
}

function workloadSource({
  home,
  parts,
  what,
  instance,
}: {
  readonly home: Home
  readonly parts: LogsParts
  readonly what: string
  readonly instance: string
}): Source {
  const slash = what.lastIndexOf('/')
  const workload = { environment: what.slice(0, slash), service: what.slice(slash + 1) }
  return {
    of: what,
    isOver: async () => false,
    logs: async () => {
      const all = parts.instances(home, workload)
      if (all.length === 0) throw noWorkload(what, parts.workloads(home))
      const live = instance === '' ? await parts.liveInstances(home, workload) : [instance]
      const wanted = all.filter((log) => live?.includes(log.instance))
      if (wanted.length === 0 && instance !== '') throw noInstance(instance, all)
      // Nothing runs: what it said last is what one wants to know.
      const chosen = wanted.length > 0 ? wanted : all.slice(0, 1)
      return chosen.map((log) => ({ name: log.instance, file: log.file }))
    },
  }
}

async function runSource(
  home: Home,
  what: string | undefined,
  step: string | undefined,
): Promise<Source> {
  const { id, steps } = await foundRun(home, what)
  if (step !== undefined && !steps.includes(step)) throw noStep(step, steps)
  const current = async () => (await keptRun(home.runs, id))!
  return {
    of: id,
    isOver: async () => (await current()).ok !== null,
    logs: async () =>
      keptLogs(home.runs, await current())
        .filter((log) => step === undefined || log.step === step)
        .map((log) => ({ name: log.step, file: log.file })),
  }
}

/** The run of that id, or else the last one of the commit that begins so; without a name the last of all. */
async function foundRun(home: Home, what: string | undefined): Promise<KeptRun> {
  const ids = await keptRunIds(home.runs)
  if (what !== undefined && ids.includes(what)) return (await keptRun(home.runs, what))!
  for (const id of ids) {
    const run = await keptRun(home.runs, id)
    if (run !== null && (what === undefined || run.commit.startsWith(what))) return run
  }
  throw noRun(what, ids)
}

async function show(context: Context, { of, logs }: Source, count: number): Promise<void> {
  const found = await Promise.all(
    (await logs()).map(async (log) => ({ ...log, lines: await lastLines(log.file, count) })),
  )
  if (context.json) return context.out(JSON.stringify({ of, logs: found }))
  const print = printer(context, found.length > 1)
  for (const { name, lines } of found) for (const line of lines) print(name, line)
}

async function follow(context: Context, source: Source, count: number): Promise<void> {
  const isOne = (await source.logs()).length <= 1 && source.of.includes('/')
  const print = context.json ? jsonLine(context) : printer(context, !isOne)
  const { signal } = context
  for await (const { name, line } of tail({ ...source, count, signal })) print(name, line)
}

function jsonLine({ out }: Context): (name: string, line: string) => void {
  return (name, line) => out(JSON.stringify({ name, line }))
}

function printer(context: Context, isNamed: boolean): (name: string, line: string) => void {
  const paint = paintOf(context)
  return (name, line) => context.out(isNamed ? `${paint.cyan(`${name} |`)} ${line}` : line)
}

function linesOf(given: string): number {
  if (given === '') return LINES
  if (/^\d{1,7}$/.test(given)) return Number(given)
  const message = `--lines ${given} is no number of lines: give a whole number`
  throw new CliError({ code: 'bad-option', fault: 'input', message })
}

function noWorkload(what: string, known: readonly Workload[]): CliError {
  const names = known.map(({ environment, service }) => `${environment}/${service}`)
  return missing(`no instance of ${what} has printed anything here`, names)
}

function noInstance(instance: string, known: readonly InstanceLog[]): CliError {
  return missing(
    `there is no log of an instance ${instance}`,
    known.map((log) => log.instance),
  )
}

function noStep(step: string, known: readonly string[]): CliError {
  return missing(`the run has no step ${step}`, known)
}

function noRun(what: string | undefined, known: readonly string[]): CliError {
  const message = what === undefined ? 'nothing was run here yet' : `no run or commit ${what}`
  return missing(message, known.slice(0, 10))
}

function missing(what: string, known: readonly string[]): CliError {
  const message = known.length === 0 ? what : `${what}; there are: ${known.join(', ')}`
  return new CliError({ code: 'log-missing', fault: 'input', message })
}
