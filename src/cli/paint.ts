import picocolors from 'picocolors'
import type { Context } from './verb.ts'

export type Paint = ReturnType<typeof picocolors.createColors>

/** Colours for `out`; none where it reaches no terminal, or the user wants none. A state is told by its word too. */
export function paintOf({ columns, env }: Pick<Context, 'columns' | 'env'>): Paint {
  const isWanted = columns !== null && !env.NO_COLOR && env.TERM !== 'dumb'
  return picocolors.createColors(isWanted)
}

/** The word in the colour of what it means. */
export function painted(paint: Paint, word: string): string {
  if (GOOD.has(word)) return paint.green(word)
  if (BAD.has(word)) return paint.red(word)
  return MOVING.has(word) ? paint.yellow(word) : word
}

const GOOD = new Set(['passed', 'ready', 'promoted'])
const BAD = new Set(['failed', 'rolled-back', 'held', 'aborted'])
const MOVING = new Set(['rolling', 'verifying', 'waiting', 'running', 'progressing', 'paused'])
