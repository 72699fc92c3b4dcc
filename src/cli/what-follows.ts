import type { Context } from './verb.ts'

/** A hint for people who sit at the terminal; a script that reads the output gets none. */
export function tellWhatFollows({ columns, json, note }: Context, hint: string): void {
  if (columns !== null && !json) note(hint)
}
