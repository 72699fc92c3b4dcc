import { Command, CommanderError } from 'commander'
import { asSlipwayError } from '../errors/index.ts'
import type { Context, ExitCode, Verb } from './verb.ts'

/** A verb by name; its file is read only when it is asked for. */
export type VerbEntry = {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Verb>
}

/** What shells call a command that Ctrl-C ended. */
const INTERRUPTED = 130

const EXIT_CODES = `
Exit codes: 0 done; 1 the answer is no (a gate, a verdict, a failed step); 2 the input is wrong;
3 something outside failed. Every verb takes --json.`

/** Runs one command line (without `node` and the script); resolves to the exit code, never throws what a user can mend. */
export async function runCommandLine(
  entries: readonly VerbEntry[],
  argv: readonly string[],
  context: Context,
): Promise<ExitCode> {
  const outcome: { exit: ExitCode } = { exit: 0 }
  const asked = argv.find((word) => !word.startsWith('-'))
  const program = await programOf(entries, { asked, context, outcome })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return outcome.exit
  } catch (error) {
    return exitCodeOf(error, context)
  }
}

async function programOf(
  entries: readonly VerbEntry[],
  run: {
    readonly asked: string | undefined
    readonly context: Context
    readonly outcome: { exit: ExitCode }
  },
): Promise<Command> {
  const { asked, context, outcome } = run
  const program = quiet(new Command('slipway'), context)
    .description(
      'Takes a change from commit to all of production without failing a request, and back by itself.',
    )
    .version(VERSION, '--version')
    .helpCommand('help [verb]', 'tell more of a verb')
    .addHelpText('after', EXIT_CODES)
  for (const { name, summary, load } of entries) {
    const command = quiet(program.command(name), context).description(summary)
    if (name !== asked && asked !== 'help') continue
    const verb = await load()
    verb.define(command)
    command.option('--json', 'print one JSON document instead of text')
    command.addHelpText('after', `\nExample:\n  ${verb.example}`)
    command.action(async () => {
      const options = command.opts<Record<string, unknown>>()
      const args = command.processedArgs
        .flat()
        .filter((arg): arg is string => typeof arg === 'string')
      outcome.exit = await verb.run({ ...context, json: options.json === true }, args, options)
    })
  }
  return program
}

/** Writes through the context and never exits the process by itself. */
function quiet(command: Command, context: Context): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => context.out(text.replace(/\n$/, '')),
      writeErr: (text) => context.note(text.replace(/\n$/, '')),
    })
}

function exitCodeOf(error: unknown, context: Context): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (context.signal.aborted) return INTERRUPTED
  const expected = asSlipwayError(error)
  if (expected === null) throw error
  context.note(`slipway: ${expected.message}`)
  if (expected.code === 'answer-is-no') return 1
  return expected.fault === 'input' ? 2 : 3
}

const VERSION = '0.1.0'
