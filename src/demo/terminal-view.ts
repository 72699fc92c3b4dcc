import { createLogUpdate } from 'log-update'
import pc from 'picocolors'
import type { RolloutView } from '../server/index.ts'
import type { ControlPlane } from './control-plane.ts'
import type { JobView } from './job.ts'
import type { LoadSnapshot } from './load.ts'
import { commitText } from './report.ts'
import type { CommitSummary } from './summary.ts'
import { wrap } from './wrap.ts'

const REDRAW_MS = 500

/** Progress: lines that stay, and below them, on a terminal, what is moving now. */
export class TerminalView implements JobView {
  readonly #note: (text: string) => void
  readonly #isTerminal: boolean
  readonly #startedAt = performance.now()
  readonly #live = createLogUpdate(process.stderr)
  #timer: NodeJS.Timeout | null = null
  #last = ''

  constructor(options: { readonly note: (text: string) => void; readonly isTerminal: boolean }) {
    this.#note = options.note
    this.#isTerminal = options.isTerminal
  }

  say(text: string): void {
    this.#line(`${this.#clock()} ${text}`)
  }

  commit(summary: CommitSummary): void {
    this.#line(commitText(summary))
  }

  watch(plane: ControlPlane, load: () => LoadSnapshot | null): void {
    const draw = async () => {
      const rollouts = await plane.rollouts().catch(() => null)
      const moving = (rollouts ?? [])
        .filter((rollout) => rollout.phase !== 'settled')
        .toSorted((a, b) => placeOf(a).localeCompare(placeOf(b)))
      if (this.#isTerminal) this.#live(liveText(this.#clock(), moving, load()))
      else this.#plain(moving)
      if (this.#timer) this.#timer = setTimeout(draw, REDRAW_MS)
    }
    this.#timer = setTimeout(draw, REDRAW_MS)
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#isTerminal) this.#live.clear()
  }

  /** Where nothing can be redrawn: a line whenever a rollout takes a step. */
  #plain(moving: readonly RolloutView[]): void {
    const now = moving.map(placeOf).join('; ')
    if (now !== '' && now !== this.#last) this.say(now)
    this.#last = now
  }

  #line(text: string): void {
    if (this.#isTerminal) this.#live.clear()
    this.#note(this.#isTerminal ? wrap(text, process.stderr.columns ?? 80) : text)
  }

  #clock(): string {
    const seconds = Math.floor((performance.now() - this.#startedAt) / 1000)
    return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`
  }
}

function liveText(
  clock: string,
  moving: readonly RolloutView[],
  load: LoadSnapshot | null,
): string {
  const traffic =
    load === null
      ? 'no load yet'
      : `${load.total.toLocaleString('en')} requests, ${load.failed} failed`
  const lines = moving.map(
    (rollout) =>
      `      ${placeOf(rollout)}\n        ${pc.dim(clip(rollout.paused ?? rollout.reason, 8))}`,
  )
  return [`${pc.dim(clock)} ${traffic}`, ...lines].join('\n')
}

/** What fits on the rest of a line: the live part is redrawn twice a second, nobody reads it to the end. */
function clip(text: string, indent: number): string {
  const room = (process.stderr.columns ?? 80) - indent - 1
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`
}

function placeOf({ environment, service, strategy, weight, phase }: RolloutView): string {
  return `${environment}/${service} ${strategy} ${weight} % ${phase}`
}
