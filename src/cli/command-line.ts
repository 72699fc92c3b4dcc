import { CommanderError } from 'commander'
import { asSlipwayError } from '../errors/index.ts'
import { programOf, type VerbEntry } from './program.ts'
import type { Context, ExitCode } from './verb.ts'

/** What shells call a command that Ctrl-C ended. */
const INTERRUPTED = 130

/** Runs one command line (without `node` and the script); resolves to the exit code, never throws what a user can mend. */
export async function runCommandLine(
  entries: readonly VerbEntry[],
  argv: readonly string[],
  context: Context,
): Promise<ExitCode> {
  const outcome: { exit: ExitCode } = { exit: 0 }
  const [first, second] = argv.filter((word) => !word.startsWith('-'))
  const asked = first === 'help' ? second : first
  const program = await programOf(entries, {
    context,
    isLoaded: (name) => name === asked,
    onExit: (exit) => {
      outcome.exit = exit
    },
  })
  try {
    // To ask for nothing is no mistake: it is how one looks what there is.
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' })
    return outcome.exit
  } catch (error) {
    return exitCodeOf(error, context)
  }
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
