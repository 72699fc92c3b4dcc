import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from './decide.ts'
import type { Decision, RolloutSpec } from './rollout.ts'
import { all, isInForce } from './split.ts'
import {
  CANDIDATE,
  type Decide,
  observe,
  perform,
  STABLE,
  Violation,
  type World,
  worldOf,
} from './testdata/model.ts'
import { verdict } from './testdata/verdict.ts'

const canary = { kind: 'weight' as const }
const strategies: Record<string, RolloutSpec['strategy']> = {
  canary: {
    kind: 'canary',
    steps: [
      { ...canary, weight: 5 },
      { ...canary, weight: 50 },
      { ...canary, weight: 100 },
    ],
  },
  'canary with header and pause': {
    kind: 'canary',
    steps: [
      { kind: 'header', name: 'x-canary', value: 'true' },
      { kind: 'pause', seconds: null },
      { ...canary, weight: 10 },
      { ...canary, weight: 100 },
    ],
  },
  rolling: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 },
  'rolling without surge': { kind: 'rolling', maxSurge: 0, maxUnavailable: 1 },
  'blue-green': { kind: 'blue-green', holdSeconds: 5 },
  recreate: { kind: 'recreate' },
  shadow: { kind: 'shadow', percent: 50, seconds: 0 },
}

function specOf(name: string, change: Partial<RolloutSpec> = {}): RolloutSpec {
  return {
    id: name,
    workload: { environment: 'production', service: 'orders' },
    strategy: strategies[name]!,
    replicas: 2,
    stable: STABLE,
    candidate: CANDIDATE,
    readyDeadlineSeconds: 60,
    crashLimit: 2,
    inconclusive: 'ask',
    checked: false,
    ...change,
  }
}

for (const name of Object.keys(strategies)) {
  test(`${name}: every interleaving keeps the promises and ends`, () => {
    const seen = explore(specOf(name), decide, 2)
    assert.ok(seen.states > 50, `only ${seen.states} states were reached`)
    const outcomes = [...seen.outcomes].sort()
    assert.deepEqual(outcomes, ['promoted', 'rolled-back', 'superseded'])
  })
}

test('blue-green with checks: every interleaving keeps the promises and ends', () => {
  const seen = explore(specOf('blue-green', { checked: true }), decide, 2)
  assert.ok(seen.outcomes.has('rolled-back'))
})

test('a first deployment is promoted, fails or is superseded', () => {
  const seen = explore(specOf('canary', { stable: null }), decide, 2)
  assert.deepEqual([...seen.outcomes].sort(), ['failed', 'promoted', 'superseded'])
})

test('recreate after one that was superseded waits until that one is gone', () => {
  for (const stable of [STABLE, null]) {
    const spec = specOf('recreate', { stable })
    const left = { count: 0, ready: 0, draining: 1, restarts: 0 }
    const none = { ...left, draining: 0 }
    const revisions = { ...(stable ? { [stable]: none } : {}), older: left }
    const seen = exploreFrom({ ...worldOf(spec, 2), revisions, split: null }, spec, decide)
    assert.ok(seen.outcomes.has('promoted') && seen.outcomes.has('superseded'))
  }
})

// The exploration must be able to fail: each of these is a bug that a controller could really have.
const bugs: Record<string, Decide> = {
  'what was asked counts as observed': (spec, seen, now) => {
    const asked = lastAsked.get(spec) ?? seen.split
    const decision = decide(spec, { ...seen, split: asked }, now)
    const split = decision.actions.findLast((action) => action.kind === 'split')
    lastAsked.set(spec, split?.kind === 'split' ? split.split : asked)
    return decision
  },
  'instances are stopped before traffic has left': (spec, seen, now) => {
    const decision = decide(spec, seen, now)
    if (decision.status.phase !== 'switching') return decision
    return { ...decision, actions: [{ kind: 'scale', counts: { [CANDIDATE]: spec.replicas } }] }
  },
  'a rollback first waits for the next look': (spec, seen, now) => {
    const decision = decide(spec, seen, now)
    const turns = decision.status.phase === 'rolling-back' && seen.status.phase !== 'rolling-back'
    return turns ? { ...decision, actions: [] } : decision
  },
  'a step is taken without evidence': (spec, seen, now) =>
    decide(spec, { ...seen, status: { ...seen.status, allowed: 100 } }, now),
  'the candidate is sent traffic before it is ready': (spec, seen, now) => {
    const ready = Math.max(seen.candidate.ready, 1)
    return decide(spec, { ...seen, candidate: { ...seen.candidate, ready } }, now)
  },
  'a rollback forgets the environment repo': (spec, seen, now) => {
    const isBack = seen.status.phase === 'rolling-back'
    const decision = decide(spec, { ...seen, wanted: isBack ? STABLE : seen.wanted }, now)
    return { ...decision, actions: decision.actions.filter((action) => action.kind !== 'reject') }
  },
}
const lastAsked = new WeakMap<RolloutSpec, World['split']>()

for (const [name, buggy] of Object.entries(bugs)) {
  test(`the exploration catches: ${name}`, () => {
    assert.throws(() => explore(specOf('canary'), buggy, 1), Violation)
  })
}

/** Walks every state that the world can reach from the start; throws the first broken promise with its path. */
function explore(spec: RolloutSpec, decide: Decide, faults: number) {
  return exploreFrom(worldOf(spec, faults), spec, decide)
}

function exploreFrom(start: World, spec: RolloutSpec, decide: Decide) {
  const paths = new Map<string, string[]>([[key(start), []]])
  const outcomes = new Set<string>()
  const queue: World[] = [start]
  while (queue.length > 0) {
    const world = queue.pop()!
    const path = paths.get(key(world))!
    try {
      for (const [move, next] of moves(spec, world, decide)) {
        if (next.status.outcome) outcomes.add(next.status.outcome)
        if (paths.has(key(next))) continue
        paths.set(key(next), [...path, move])
        queue.push(next)
      }
      if (world.faults === 0) checkEnds(spec, world, decide)
    } catch (error) {
      if (error instanceof Violation) error.message += `\nafter: ${path.join(', ')}`
      throw error
    }
  }
  return { states: paths.size, outcomes }
}

/** Time only matters through deadlines, so states that differ only by when they began are one. */
function key(world: World): string {
  const { status } = world
  const since = (at: number | null) => (at === null ? null : Math.min(70, (world.now - at) / 1000))
  return JSON.stringify([
    status.phase,
    status.step,
    status.stepSince === null,
    since(status.lackingSince),
    status.paused !== null,
    status.allowed,
    status.rollback?.cause,
    status.outcome,
    world.revisions,
    world.asked,
    world.split,
    world.wanted,
    world.verdict?.kind,
    world.verdict?.toWeight,
    world.commands,
    world.faults,
    world.checks,
  ])
}

function* moves(spec: RolloutSpec, world: World, decide: Decide): Generator<[string, World]> {
  if (world.status.phase === 'settled') return
  const decision = decide(spec, observe(spec, world), world.now)
  checkDecision(spec, world, decision)
  let acted = world
  for (const [index, action] of decision.actions.entries()) {
    acted = perform(spec, acted, action)
    yield [`crash after action ${index + 1}`, acted]
  }
  const saved = { ...acted, status: decision.status, commands: [] }
  yield ['look', saved]
  yield* progress(spec, world)
  if (world.faults > 0) yield* harm(spec, { ...world, faults: world.faults - 1 })
}

/** What a healthy world does by itself. */
function* progress(spec: RolloutSpec, world: World): Generator<[string, World]> {
  if (world.asked !== null && !isInForce(world.asked, world.split))
    yield ['split in force', { ...world, split: world.asked }]
  for (const [id, fleet] of Object.entries(world.revisions)) {
    const set = (change: Partial<typeof fleet>) => ({
      ...world,
      revisions: { ...world.revisions, [id]: { ...fleet, ...change } },
    })
    if (fleet.ready < fleet.count) yield [`${id} ready`, set({ ready: fleet.ready + 1 })]
    if (fleet.draining > 0) yield [`${id} drained`, set({ draining: 0 })]
  }
  const isStuck = world.verdict?.kind === 'inconclusive'
  if (world.status.paused) yield ['an answer', command(world, isStuck ? 'promote' : 'resume')]
  if (world.checks?.status === 'running')
    yield ['checks pass', { ...world, checks: { status: 'passed', reason: '' } }]
  const weight = spec.stable === null ? 0 : carried(world)
  const next = weight >= 50 ? 1 : 0.5
  if (weight > 0 && world.verdict === null)
    yield ['evidence', { ...world, verdict: verdict('promote', next) }]
  if (weight >= 50 && world.verdict?.toWeight === 0.5)
    yield ['evidence', { ...world, verdict: verdict('promote', 1) }]
  if (weight === 10 && world.verdict?.toWeight === 0.5)
    yield ['evidence', { ...world, verdict: verdict('promote', 1) }]
}

function carried(world: World): number {
  const mirrored = world.split?.mirror?.revision === CANDIDATE ? 50 : 0
  return (world.split?.weights[CANDIDATE] ?? 0) + mirrored
}

/** What can go wrong, and what people do. */
function* harm(spec: RolloutSpec, world: World): Generator<[string, World]> {
  for (const [id, fleet] of Object.entries(world.revisions)) {
    if (fleet.ready === 0) continue
    const lost = { ...fleet, ready: fleet.ready - 1, restarts: fleet.restarts + 1 }
    yield [`${id} loses one`, { ...world, revisions: { ...world.revisions, [id]: lost } }]
  }
  if (carried(world) > 0) yield ['bad verdict', { ...world, verdict: verdict('rollback', null) }]
  if (carried(world) > 0)
    yield [
      'inconclusive',
      { ...world, verdict: { ...verdict('continue', null), kind: 'inconclusive' } },
    ]
  yield ['a newer commit', { ...world, wanted: 'newer' }]
  if (spec.stable) yield ['a commit that goes back', { ...world, wanted: spec.stable }]
  for (const kind of ['pause', 'abort', 'promote'] as const) yield [kind, command(world, kind)]
  yield ['a minute passes', { ...world, now: world.now + 60_000 }]
  if (world.checks)
    yield ['checks fail', { ...world, checks: { status: 'failed', reason: 'smoke' } }]
}

function command(world: World, kind: 'pause' | 'resume' | 'abort' | 'promote'): World {
  return { ...world, commands: [{ kind, by: 'ada', reason: '' }] }
}

/** What must hold of a decision by itself. */
function checkDecision(spec: RolloutSpec, world: World, decision: Decision): void {
  if (spec.stable === null) return
  const split = decision.actions.find((action) => action.kind === 'split')
  const asked = split?.kind === 'split' ? split.split : null
  const home = all(spec.stable)
  if (
    world.verdict?.verdict === 'rollback' &&
    world.status.phase !== 'settled' &&
    spec.strategy.kind === 'canary'
  ) {
    const isBack = asked ? isInForce(home, asked) : isInForce(home, world.split)
    const canCarry = (world.revisions[spec.stable]?.ready ?? 0) > 0
    if (canCarry && !isBack)
      throw new Violation('a rollback verdict did not give stable its traffic in the same look')
  }
  const weight = asked?.weights[CANDIDATE] ?? 0
  const judged = spec.strategy.kind === 'canary'
  const allowed = Math.max(
    world.status.allowed,
    (world.verdict?.toWeight ?? 0) * 100,
    world.commands.some((one) => one.kind === 'promote') ? 100 : 0,
    judged ? 10 : 100,
  )
  const had = world.split?.weights[CANDIDATE] ?? 0
  if (world.status.phase !== 'switching' && weight > had && weight > allowed) {
    throw new Violation(`${weight} % were asked for, the evidence allows ${allowed} %`)
  }
  const { outcome } = decision.status
  if (outcome === 'promoted' && !isInForce(all(CANDIDATE), world.split))
    throw new Violation('promoted without all traffic')
  if (outcome === 'rolled-back' && world.wanted === CANDIDATE)
    throw new Violation('rolled back, and the repo still wants it')
  const serves =
    outcome === 'rolled-back' || (outcome === 'superseded' && spec.strategy.kind !== 'recreate')
  if (serves && !isInForce(home, world.split))
    throw new Violation(`${outcome} while stable has not all traffic`)
}

/** With nothing more going wrong, looking again and again ends it. */
function checkEnds(spec: RolloutSpec, from: World, decide: Decide): void {
  let world = from
  for (let looks = 0; looks < 60; looks++) {
    if (world.status.phase === 'settled') return
    const decision = decide(spec, observe(spec, world), world.now)
    for (const action of decision.actions) world = perform(spec, world, action)
    world = { ...world, status: decision.status, commands: [], now: world.now + 1000 }
    for (const [, next] of progress(spec, world)) {
      world = { ...next, now: world.now }
      break
    }
  }
  throw new Violation(
    `it never ends: ${from.status.phase}, ${world.status.phase}: ${world.status.reason}`,
  )
}
