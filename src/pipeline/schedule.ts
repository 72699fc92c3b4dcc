import type { PlannedStep } from './planned-step.ts'
import type { StepResult, StepStatus } from './types.ts'

export type Schedule = {
  readonly steps: readonly PlannedStep[]
  /** How many run at the same time. */
  readonly jobs: number
  readonly perform: (planned: PlannedStep) => Promise<StepResult>
  /** Told of each end, also of steps that were never begun. */
  readonly onEnd: (result: StepResult) => void
  /** Words for why nothing new is begun; null: go on. */
  readonly stopped: () => string | null
}

/**
 * Performs the steps in their order as soon as all that they need has passed, never more than `jobs`
 * at a time. Ends when all that was begun has ended; an error of `perform` is thrown then.
 */
export async function schedule(schedule: Schedule): Promise<readonly StepResult[]> {
  const results = new Map<string, StepResult>()
  const running = new Map<string, Promise<void>>()
  const errors: unknown[] = []
  const end = (result: StepResult): void => {
    results.set(result.id, result)
    schedule.onEnd(result)
  }
  const start = async (planned: PlannedStep): Promise<void> => {
    try {
      end(await schedule.perform(planned))
    } catch (error) {
      errors.push(error)
    } finally {
      running.delete(planned.step.id)
    }
  }
  let waiting = schedule.steps
  while (waiting.length > 0 || running.size > 0) {
    const still: PlannedStep[] = []
    for (const planned of waiting) {
      const verdict = verdictOn(planned, results, schedule.stopped(), errors.length > 0)
      if (typeof verdict !== 'string') end(verdict)
      else if (verdict === 'wait' || running.size >= schedule.jobs) still.push(planned)
      else running.set(planned.step.id, start(planned))
    }
    waiting = still
    if (running.size > 0) await Promise.race(running.values())
  }
  if (errors.length > 0) throw errors[0]
  return schedule.steps.map(({ step }) => results.get(step.id)!)
}

function verdictOn(
  planned: PlannedStep,
  results: ReadonlyMap<string, StepResult>,
  stopped: string | null,
  broke: boolean,
): StepResult | 'wait' | 'start' {
  const { needs } = planned.step
  const blocking = needs.find((need) => !hasPassed(results.get(need)?.status ?? 'passed'))
  if (blocking !== undefined)
    return unbegun(planned, 'skipped', `needs ${blocking}, ${ending(results.get(blocking)!)}`)
  if (stopped !== null) return unbegun(planned, 'cancelled', stopped)
  if (broke) return unbegun(planned, 'cancelled', 'the run broke')
  return needs.every((need) => results.has(need)) ? 'start' : 'wait'
}

function hasPassed(status: StepStatus): boolean {
  return status === 'passed' || status === 'cached'
}

function ending({ status }: StepResult): string {
  return status === 'failed' ? 'which failed' : `which was ${status}`
}

function unbegun({ step, key }: PlannedStep, status: StepStatus, reason: string): StepResult {
  const { id, service } = step
  return { id, service, status, seconds: 0, key, reason, log: null, exitCode: null }
}
