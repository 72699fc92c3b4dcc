import {
  type AnyJudgeSettings,
  type JudgeSettings,
  judgeOf,
  planSteps,
  type Tick,
  type TrafficTick,
  toTicks,
  type Verdict,
} from '../analysis/index.ts'
import type { Workload } from '../gitops/index.ts'
import { judgedWeights } from '../rollout/index.ts'
import type { Json } from '../store/index.ts'
import type { RolloutRecord } from './records.ts'
import type { World } from './world.ts'

/** Ticks from which the usual traffic is read when a rollout is planned. */
const USUAL_TICKS = 120

/**
 * What the judge will be asked in a rollout, fixed before it begins from the usual traffic; null:
 * the strategy gives traffic without a verdict, or there is nothing to compare with.
 */
export async function settingsFor(
  world: World,
  workload: Workload,
): Promise<{ readonly settings: AnyJudgeSettings; readonly forecast: string } | null> {
  const weights = judgedWeights(workload.strategy).map((percent) => percent / 100)
  if (weights.length === 0) return null
  if (workload.analysis.judge === 'threshold') return limitsFor(workload, weights)
  const usual = usualTraffic(await world.metrics.ticks(workload, 0))
  const { alpha, beta, risk, warmSeconds, dwellSeconds, maxSeconds } = workload.analysis
  const plan = planSteps({
    ...usual,
    weights,
    risk,
    alpha,
    beta,
    minDwell: dwellSeconds,
    warm: warmSeconds,
  })
  const settings = {
    alpha,
    beta,
    warm: warmSeconds,
    minDwell: dwellSeconds,
    maxSeconds,
    next: plan.next,
  }
  const objectives = objectivesOf(workload)
  return {
    settings: objectives ? { ...settings, objectives } : settings,
    forecast: plan.announcement,
  }
}

function limitsFor(workload: Workload, weights: readonly number[]) {
  const { warmSeconds, dwellSeconds, maxSeconds } = workload.analysis
  const settings = {
    limits: objectivesOf(workload) ?? {},
    warm: warmSeconds,
    minDwell: dwellSeconds,
    maxSeconds,
    next: weights.slice(1).map((weight) => ({ weight })),
  }
  return { settings, forecast: 'judged by the objectives as fixed limits' }
}

/** The judges of the rollouts under way, each rebuilt from the log when this process is new. */
export class Judges {
  readonly #judging = new Map<string, Judging>()

  /** Feeds the judge what came since the last look; its word on the rollout, null before the first tick. */
  async look(
    world: World,
    rollout: { readonly id: string; readonly record: RolloutRecord },
  ): Promise<Verdict | null> {
    const { id, record } = rollout
    if (record.judge === null) return null
    const judging = this.#judging.get(id) ?? replay(world, { id, record, settings: record.judge })
    this.#judging.set(id, judging)
    const weight = await weightInForce(world, record)
    const traffic = await world.metrics.ticks(record.spec.workload, judging.after)
    const arms = { canary: record.spec.candidate, baseline: record.spec.stable, weight }
    const ticks = toTicks(traffic, arms)
    if (ticks.length > 0) {
      const data = ticks as unknown as Json
      world.ledger.note('rollout', id, { type: 'rollout.ticks', actor: 'slipway', data })
      feed(judging, ticks, record.status.allowed)
    }
    return judging.verdict
  }

  forget(id: string): void {
    this.#judging.delete(id)
  }
}

type Judging = {
  readonly judge: (tick: Tick) => Verdict
  after: number
  verdict: Verdict | null
}

/** Same settings and ticks, same state: what the judge knew before a restart is in the log. */
function replay(
  world: World,
  rollout: {
    readonly id: string
    readonly record: RolloutRecord
    readonly settings: AnyJudgeSettings
  },
): Judging {
  const judging: Judging = { judge: judgeOf(rollout.settings), after: 0, verdict: null }
  const { allowed } = rollout.record.status
  for (const ticks of recordedTicks(world, rollout.id)) feed(judging, ticks, allowed)
  return judging
}

/** The ticks on which a rollout was judged, in the order in which the judge saw them. */
export function* recordedTicks(
  world: Pick<World, 'ledger'>,
  id: string,
): Generator<readonly Tick[]> {
  let after = 0
  for (;;) {
    const events = world.ledger.store.read({
      after,
      kind: 'rollout',
      id,
      type: 'rollout.ticks',
      limit: 500,
    })
    if (events.length === 0) return
    for (const event of events) yield event.data as unknown as readonly Tick[]
    after = events.at(-1)!.seq
  }
}

/** A rollback is final, and a promotion is said only once: neither may be lost behind a later word. */
function feed(judging: Judging, ticks: readonly Tick[], allowed: number): void {
  for (const tick of ticks) {
    const verdict = judging.judge(tick)
    judging.after = tick.t
    if (verdict.verdict !== 'continue' || !isPending(judging.verdict, allowed))
      judging.verdict = verdict
  }
}

/** Whether the rollout has not taken it up yet. */
function isPending(verdict: Verdict | null, allowed: number): boolean {
  if (verdict?.verdict === 'promote') return (verdict.toWeight ?? 0) * 100 > allowed
  return verdict?.verdict === 'rollback'
}

async function weightInForce(world: World, record: RolloutRecord): Promise<number> {
  const split = await world.traffic.observe(record.spec.workload)
  const { candidate } = record.spec
  const copies = split?.mirror?.revision === candidate ? split.mirror.percent : 0
  // Copies come on top of what stable answers: even of all requests they are half of what is compared.
  return Math.max(split?.weights[candidate] ?? 0, (100 * copies) / (100 + copies)) / 100
}

function usualTraffic(ticks: readonly TrafficTick[]): { rps: number | null; errorRate: number } {
  const recent = ticks.slice(-USUAL_TICKS)
  const seconds = recent.reduce((sum, tick) => sum + tick.seconds, 0)
  const replicas = recent.flatMap((tick) => Object.values(tick.revisions).flat())
  const requests = replicas.reduce((sum, replica) => sum + replica.requests, 0)
  const errors = replicas.reduce((sum, replica) => sum + replica.errors, 0)
  if (requests === 0) return { rps: null, errorRate: 0 }
  return { rps: requests / seconds, errorRate: errors / requests }
}

function objectivesOf(workload: Workload): JudgeSettings['objectives'] | null {
  const { errorRate, p95Ms } = workload.objectives
  if (errorRate === null && p95Ms === null) return null
  return { ...(errorRate === null ? {} : { errorRate }), ...(p95Ms === null ? {} : { p95Ms }) }
}
