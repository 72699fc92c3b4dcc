import { Command } from 'commander'
import type { Context, ExitCode, Verb } from './verb.ts'

/** A verb by name; its file is read only when it is asked for. */
export type VerbEntry = {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Verb>
}

export type ProgramParts = {
  readonly context: Context
  /** Which verbs are read and defined whole; of the others only name and summary are known. */
  readonly isLoaded: (name: string) => boolean
  /** Told how the verb that was asked for ended. */
  readonly onExit: (exit: ExitCode) => void
}

const ABOUT =
  'Takes a change from commit to all of production without failing a request, and back by itself.'

const EXIT_CODES = `
Exit codes: 0 done; 1 the answer is no (a gate, a verdict, a failed step);
2 the input is wrong; 3 something outside failed. Every verb takes --json.`

const VERSION = '0.1.0'

/** The verbs as commander knows them. It never exits the process by itself. */
export async function programOf(
  entries: readonly VerbEntry[],
  parts: ProgramParts,
): Promise<Command> {
  const program = quiet(new Command('slipway'), parts.context)
    .description(ABOUT)
    .usage('<verb> [options]')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [verb]', 'tell more of a verb')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('after', EXIT_CODES)
  for (const { name, summary, load } of entries) {
    const command = quiet(program.command(name), parts.context).description(summary)
    if (parts.isLoaded(name)) define(command, await load(), parts)
  }
  return program
}

function define(command: Command, verb: Verb, { context, onExit }: ProgramParts): void {
  verb.define(command)
  command
    .option('--json', 'print one JSON document instead of text')
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', `\nExample:\n  ${verb.example}`)
    .action(async () => {
      const options = command.opts<Record<string, unknown>>()
      const args = command.processedArgs
        .flat()
        .filter((arg): arg is string => typeof arg === 'string')
      onExit(await verb.run({ ...context, json: options.json === true }, args, options))
    })
}

function quiet(command: Command, context: Context): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => context.out(text.replace(/\n$/, '')),
      writeErr: (text) => context.note(text.replace(/\n$/, '')),
      outputError: (text, write) => write(inOurWords(text)),
      getOutHelpWidth: () => context.columns ?? HELP_COLUMNS,
      getErrHelpWidth: () => context.columns ?? HELP_COLUMNS,
    })
}

const HELP_COLUMNS = 80

/** `error: unknown command 'promot'`, and on a line of its own `(Did you mean promote?)`, are commander's. */
function inOurWords(text: string): string {
  const [, verb] = /^error: unknown command '(.*)'/.exec(text) ?? []
  if (verb === undefined) return text.replace(/^error: /, 'slipway: ')
  const [, nearest] = /\(Did you mean (.*)\?\)/.exec(text) ?? []
  const hint = nearest === undefined ? 'slipway --help lists them' : `did you mean ${nearest}?`
  return `slipway: there is no verb ${verb}; ${hint}\n`
}
