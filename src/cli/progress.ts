import picocolors from 'picocolors'
import type { RunEvent, StepResult } from '../pipeline/index.ts'
import type { Context } from './verb.ts'

/** Shows a run while it goes on. */
export interface Progress {
  readonly show: (event: RunEvent) => void
  /** The last picture; nothing is shown after it. */
  readonly end: () => void
}

/** A redrawn tree of what runs on a terminal, `step | line` lines elsewhere. */
export async function progressOf(context: Context): Promise<Progress> {
  if (!context.isTerminal) return plainProgress(context.note)
  const { createLogUpdate } = await import('log-update')
  const screen = createLogUpdate(process.stderr)
  return liveProgress({
    draw: (text) => screen(text),
    keep: (line) => {
      screen.clear()
      context.note(line)
    },
    now: () => performance.now(),
  })
}

/** Each whole line of output with the step's name in front, and one line when a step begins or ends. */
export function plainProgress(note: (line: string) => void): Progress {
  const begun = new Map<string, string>()
  const flush = (step: string): void => {
    const rest = begun.get(step)
    if (rest) note(`${step} | ${rest}`)
    begun.delete(step)
  }
  return {
    show(event) {
      if (event.kind === 'output') {
        const lines = `${begun.get(event.step) ?? ''}${event.text}`.split('\n')
        begun.set(event.step, lines.pop()!)
        for (const line of lines) note(`${event.step} | ${line}`)
      } else if (event.kind === 'started') {
        note(`${event.step} | started${event.attempt > 1 ? ` again (try ${event.attempt})` : ''}`)
      } else if (event.kind === 'finished') {
        flush(event.result.id)
        note(`${event.result.id} | ${ending(event.result)}`)
      }
    },
    end() {
      for (const step of [...begun.keys()]) flush(step)
    },
  }
}

export type Screen = {
  /** Replaces what was drawn before. */
  readonly draw: (text: string) => void
  /** A line that stays above what is drawn. */
  readonly keep: (line: string) => void
  /** Milliseconds from any fixed time. */
  readonly now: () => number
}

type Running = { readonly since: number; line: string }

const REDRAW_MS = 100

/** Ended steps as lines that stay, and below them the running ones by service with their last line. */
export function liveProgress(screen: Screen): Progress {
  const running = new Map<string, Running>()
  let total = 0
  let done = 0
  const draw = () => screen.draw(picture(running, { total, done, now: screen.now() }))
  const timer = setInterval(draw, REDRAW_MS)
  timer.unref()
  return {
    show(event) {
      switch (event.kind) {
        case 'planned':
          total = event.steps.length
          break
        case 'started':
          running.set(event.step, { since: screen.now(), line: '' })
          break
        case 'output': {
          const step = running.get(event.step)
          if (step !== undefined) step.line = lastLine(event.text) || step.line
          break
        }
        case 'finished':
          running.delete(event.result.id)
          done++
          screen.keep(`${MARKS[event.result.status]} ${event.result.id} ${ending(event.result)}`)
          draw()
      }
    },
    end() {
      clearInterval(timer)
      screen.draw('')
    },
  }
}

const MARKS: Readonly<Record<StepResult['status'], string>> = {
  waiting: ' ',
  running: ' ',
  passed: picocolors.green('✔'),
  cached: picocolors.cyan('≡'),
  failed: picocolors.red('✖'),
  cancelled: picocolors.yellow('■'),
  skipped: picocolors.dim('-'),
}

function picture(
  running: ReadonlyMap<string, Running>,
  count: { readonly total: number; readonly done: number; readonly now: number },
): string {
  const groups = new Map<string, string[]>()
  for (const [id, { since, line }] of running) {
    const [service, name] = id.includes(':') ? id.split(/:(.*)/s) : ['project', id]
    const seconds = Math.floor((count.now - since) / 1000)
    const row = `  ${name}  ${seconds} s  ${picocolors.dim(line)}`
    groups.set(service!, [...(groups.get(service!) ?? []), row])
  }
  const rows = [...groups].flatMap(([service, steps]) => [picocolors.bold(service), ...steps])
  return [...rows, `${count.done} of ${count.total} steps`].join('\n')
}

function ending({ status, seconds, reason }: StepResult): string {
  switch (status) {
    case 'passed':
      return `passed in ${seconds.toFixed(1)} s (${reason})`
    case 'cached':
      return 'cached'
    default:
      return `${status}: ${reason}`
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)!.trim()
}
