import type { Command } from 'commander'

/**
 * 0 done, 1 the answer is no (a gate, a verdict, a failed step), 2 the input is wrong, 3 something
 * outside failed, 130 interrupted.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 130

/** Where a verb runs: all that it may know of the world besides its arguments. */
export interface Context {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Results for people, or one JSON document with `--json`. */
  readonly out: (text: string) => void
  /** Progress, notes and errors. */
  readonly note: (text: string) => void
  /** Whether `note` reaches a terminal: progress may then redraw. */
  readonly isTerminal: boolean
  /** Width of the terminal that `out` reaches; null: it reaches none, and is neither coloured nor broken into lines. */
  readonly columns: number | null
  readonly json: boolean
  /** Aborted by Ctrl-C or SIGTERM: clean up and return. */
  readonly signal: AbortSignal
}

/** One file per verb exports one of these as `verb`. */
export interface Verb {
  /** Adds arguments and options; the summary, `--json` and the example are added by `cli`. */
  define(command: Command): void
  /** One line that a user could paste. */
  readonly example: string
  /** Shape of what `--json` prints, as a TypeScript type whose comments tell units and absence. */
  readonly json: string
  /** `args` are the positional ones in order; `options` as commander parsed them. */
  run(
    context: Context,
    args: readonly string[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<ExitCode>
}
