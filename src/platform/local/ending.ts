import type { EventKind } from './ground.ts'
import type { Ending } from './launch.ts'

/** Exit codes with which a shell passes on that its child was killed: 128 + SIGKILL, 128 + SIGTERM. */
const KILLED_CODES: Readonly<Record<number, string>> = { 137: 'SIGKILL', 143: 'SIGTERM' }

/**
 * How an end that nobody asked for is told.
 * `replaced`: somebody killed it, so what runs had drifted from what was asked; `exited`: its own doing.
 */
export function describeEnding(
  ending: Ending,
  afterMs: number,
  lastLine: string | null,
): { readonly kind: EventKind; readonly message: string } {
  const after = `after ${(afterMs / 1000).toFixed(1)} s`
  const said = lastLine === null ? '' : `: ${lastLine}`
  const signal = ending.signal ?? KILLED_CODES[ending.code ?? 0] ?? null
  if (signal !== null) return { kind: 'replaced', message: `killed by ${signal} ${after}${said}` }
  if (ending.code === null) return { kind: 'replaced', message: `ended ${after}${said}` }
  return { kind: 'exited', message: `exited with code ${ending.code} ${after}${said}` }
}
