import type { Verdict } from '../../analysis/index.ts'
import type { Split } from '../../traffic/index.ts'
import { leastReady } from '../rolling.ts'
import {
  type Action,
  begin,
  type Capacity,
  type Decision,
  type Observed,
  type RolloutCommand,
  type RolloutSpec,
  type RolloutStatus,
} from '../rollout.ts'
import { all } from '../split.ts'

/**
 * A small world in which a rollout can be explored: a platform that starts, loses and drains
 * instances, a router that puts a split in force later than it was asked, a judge, people, a
 * controller that crashes between any two actions. Only the tests use it.
 */
export type World = {
  readonly status: RolloutStatus
  /** Revision → instances: asked for, ready, draining. */
  readonly revisions: Readonly<Record<string, Fleet>>
  readonly asked: Split | null
  readonly split: Split | null
  readonly wanted: string | null
  readonly verdict: Verdict | null
  readonly commands: readonly RolloutCommand[]
  readonly now: number
  /** How often the world may still do harm, so that exploring ends. */
  readonly faults: number
  readonly checks: Observed['checks']
}

export type Fleet = {
  readonly count: number
  readonly ready: number
  readonly draining: number
  readonly restarts: number
}

export type Decide = (spec: RolloutSpec, seen: Observed, now: number) => Decision

export const STABLE = 'old'
export const CANDIDATE = 'new'

export function worldOf(spec: RolloutSpec, faults: number): World {
  const serving = spec.stable === null ? null : all(spec.stable)
  const stable = { count: spec.replicas, ready: spec.replicas, draining: 0, restarts: 0 }
  return {
    status: begin(0),
    revisions: spec.stable === null ? {} : { [spec.stable]: stable },
    asked: serving,
    split: serving,
    wanted: spec.candidate,
    verdict: null,
    commands: [],
    now: 0,
    faults,
    checks: null,
  }
}

export function observe(spec: RolloutSpec, world: World): Observed {
  return {
    status: world.status,
    stable: capacityOf(world.revisions[spec.stable ?? '']),
    candidate: capacityOf(world.revisions[spec.candidate]),
    others: othersIn(spec, world),
    split: world.split,
    verdict: world.verdict,
    wanted: world.wanted,
    checks: world.checks,
    commands: world.commands,
  }
}

function othersIn(spec: RolloutSpec, { revisions }: World): number {
  const others = Object.entries(revisions).filter(
    ([id]) => id !== spec.stable && id !== spec.candidate,
  )
  return others.reduce((sum, [, { count, draining }]) => sum + count + draining, 0)
}

/** Does what one action asks; throws a `Violation` when the action breaks a promise. */
export function perform(spec: RolloutSpec, world: World, action: Action): World {
  switch (action.kind) {
    case 'split':
      checkSplit(world, action.split)
      return { ...world, asked: action.split }
    case 'scale':
      return scale(spec, world, action.counts)
    case 'check':
      return { ...world, checks: { status: 'running', reason: 'running' } }
    case 'reject':
      return { ...world, wanted: spec.stable }
  }
}

function scale(spec: RolloutSpec, world: World, counts: Readonly<Record<string, number>>): World {
  const revisions: Record<string, Fleet> = {}
  for (const id of new Set([...Object.keys(world.revisions), ...Object.keys(counts)])) {
    revisions[id] = resize(world.revisions[id], counts[id] ?? 0)
  }
  const next = { ...world, revisions }
  checkScale(spec, world, next)
  return next
}

/** The platform stops instances that are not ready first. */
function resize(fleet: Fleet | undefined, count: number): Fleet {
  const { ready, draining, restarts } = fleet ?? { ready: 0, draining: 0, restarts: 0 }
  const kept = Math.min(ready, count)
  return { count, ready: kept, draining: Math.min(4, draining + ready - kept), restarts }
}

export class Violation extends Error {}

/** The new version is only given more when it has a ready instance. */
function checkSplit(world: World, split: Split): void {
  const weight = split.weights[CANDIDATE] ?? 0
  const isMore = weight > (world.split?.weights[CANDIDATE] ?? 0)
  const ready = world.revisions[CANDIDATE]?.ready ?? 0
  if (isMore && ready === 0)
    throw new Violation(`${weight} % go to a version without a ready instance`)
}

/** An instance that carries traffic is not stopped, and ready capacity stays what the strategy promises. */
function checkScale(spec: RolloutSpec, before: World, after: World): void {
  if (spec.strategy.kind === 'recreate') {
    checkNeverBoth(after)
    return
  }
  for (const [id, fleet] of Object.entries(after.revisions)) {
    const weight = after.split?.weights[id] ?? 0
    const had = before.revisions[id]?.ready ?? 0
    if (weight > 0 && had > 0 && fleet.ready === 0)
      throw new Violation(`${id} is stopped while it has ${weight} %`)
  }
  const ready = (world: World) => servingReady(world, before.split)
  const promised = spec.strategy.kind === 'rolling' ? leastReady(spec) : spec.replicas
  if (ready(after) < ready(before) && ready(after) < promised) {
    throw new Violation(`${ready(after)} ready instances are left, ${promised} are promised`)
  }
}

/** Ready instances of the versions that requests are sent to. */
function servingReady(world: World, split: Split | null): number {
  const serving = Object.entries(world.revisions).filter(([id]) => (split?.weights[id] ?? 0) > 0)
  return serving.reduce((sum, [, fleet]) => sum + fleet.ready, 0)
}

/** An instance that drains still runs. */
function checkNeverBoth(world: World): void {
  const fleets = Object.values(world.revisions)
  const running = fleets.filter(({ count, draining }) => count + draining > 0)
  const isStarting = fleets.some(({ count, ready }) => count > ready)
  if (running.length > 1 && isStarting) throw new Violation('recreate runs both versions')
}

function capacityOf(fleet: Fleet | undefined): Capacity {
  if (!fleet) return { total: 0, ready: 0, draining: 0, restarts: 0, reason: null }
  return {
    total: fleet.count,
    ready: fleet.ready,
    draining: fleet.draining,
    restarts: fleet.restarts,
    reason: null,
  }
}
