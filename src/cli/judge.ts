import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import {
  AnalysisError,
  judgeOf,
  type RecordedEvent,
  readRecording,
  readTickFile,
  type Tick,
  type TickFileLine,
  type Verdict,
} from '../analysis/index.ts'
import { paragraph } from './paragraph.ts'
import type { Context, Verb } from './verb.ts'

export type JudgeParts = {
  /** Events of a rollout, oldest first; empty: there is no such rollout. */
  readonly readRolloutTicks: (rolloutId: string) => Iterable<RecordedEvent>
  /** What `--ticks -` reads. */
  readonly stdin: Readable
  /** Whether results go to a terminal: then they are readable lines, else JSON lines. */
  readonly isOutTerminal: boolean
}

/** Judges a recorded stream of ticks offline and prints a line at each change of the verdict. */
export function judgeVerb(parts: JudgeParts): Verb {
  return {
    example: 'slipway judge --ticks ticks.jsonl',
    json: `{
  t: number
  verdict: 'promote' | 'continue' | 'rollback'
  kind: 'promote' | 'rollback' | 'collecting' | 'holding' | 'inconclusive' | 'no-evidence'
  toWeight: number | null // 0..1
  reason: string
  evidence: object // the numbers behind the reason
} // a line at each change`,

    define(command) {
      command
        .option(
          '--ticks <file>',
          'JSON lines, the settings first, then ticks; - reads them from standard input',
        )
        .option('--from-store <rollout>', 'replay what a rollout was judged by')
    },

    async run(context, _args, options) {
      const { columns } = context
      const isReadable = parts.isOutTerminal && !context.json
      const print = (said: Verdict) => (isReadable ? readable(said, columns) : JSON.stringify(said))
      let last: Verdict | null = null
      for await (const verdict of verdicts(linesOf(parts, context, options))) {
        if (context.signal.aborted) break
        if (last === null || isChange(last, verdict)) context.out(print(verdict))
        last = verdict
      }
      return last?.verdict === 'rollback' ? 1 : 0
    },
  }
}

async function* verdicts(
  lines: AsyncIterable<TickFileLine> | Iterable<TickFileLine>,
): AsyncGenerator<Verdict> {
  let judge: ((tick: Tick) => Verdict) | null = null
  for await (const line of lines) {
    if (line.kind === 'settings') judge = judgeOf(line.settings)
    else if (judge !== null) yield judge(line.tick)
  }
}

function isChange(before: Verdict, after: Verdict): boolean {
  return before.kind !== after.kind || before.toWeight !== after.toWeight
}

function readable({ t, kind, toWeight, reason }: Verdict, columns: number | null): string {
  const what = toWeight === null ? kind : `${kind} to ${Math.round(toWeight * 1000) / 10}%`
  const head = `${`${t} s`.padStart(8)}  ${what.padEnd(15)}  `
  return `${head}${paragraph(reason, head.length, columns).slice(head.length)}`
}

function linesOf(
  parts: JudgeParts,
  context: Context,
  { ticks, fromStore }: Readonly<Record<string, unknown>>,
): AsyncIterable<TickFileLine> | Iterable<TickFileLine> {
  if (typeof ticks === 'string' && fromStore === undefined) {
    return readTicks(parts, context, ticks)
  }
  if (typeof fromStore === 'string' && ticks === undefined) {
    return readRecording(parts.readRolloutTicks(fromStore), fromStore)
  }
  throw new AnalysisError({
    code: 'ticks-missing',
    fault: 'input',
    message:
      'say what to judge: either --ticks FILE (or - for standard input) or --from-store ROLLOUT',
  })
}

async function* readTicks(
  { stdin }: JudgeParts,
  context: Context,
  file: string,
): AsyncGenerator<TickFileLine> {
  const input = file === '-' ? stdin : await openFile(resolve(context.cwd, file))
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  const stop = () => lines.close()
  context.signal.addEventListener('abort', stop, { once: true })
  try {
    yield* readTickFile(lines, file === '-' ? 'standard input' : file)
  } finally {
    context.signal.removeEventListener('abort', stop)
    if (file !== '-') input.destroy()
  }
}

async function openFile(path: string): Promise<Readable> {
  const stream = createReadStream(path)
  try {
    await once(stream, 'ready')
    return stream
  } catch (cause) {
    throw new AnalysisError({
      code: 'ticks-unreadable',
      fault: 'input',
      message: `cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}; give the path of a file of ticks`,
      cause,
    })
  }
}
