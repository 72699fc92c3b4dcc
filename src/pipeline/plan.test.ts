import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PipelineStep } from '../config/index.ts'
import { keysOf } from './fingerprint.ts'
import { graphOf } from './graph.ts'
import { type History, remember, type StepHistory } from './history.ts'
import { type Facts, type Plan, plan } from './plan.ts'
import { project, service, userStep } from './testing/projects.ts'
import { Tree } from './tree.ts'
import type { Graph } from './types.ts'

type Files = Readonly<Record<string, string>>

function facts(files: Files, { trees, ...more }: Partial<Facts> = {}): Facts {
  const entries = Object.entries(files).map(([path, blob]) => ({ path, blob, mode: '100644' }))
  const tree = new Tree(entries)
  return {
    commit: 'now',
    inputs: tree,
    cached: new Set(),
    history: {},
    trees: new Map([['now', tree], ...(trees ?? [])]),
    tools: { platform: 'linux-x64', sh: 'dash', node: 'v24.0.0', npm: '11' },
    origins: {},
    ...more,
  }
}

/** Facts as they are after everything ran at some files. */
function afterRun(graph: Graph, files: Files, more: Partial<Facts> = {}): Partial<Facts> {
  const then = facts(files, more)
  const keyed = [...keysOf(graph, then)]
  const result = {
    status: 'passed',
    seconds: 1,
    service: null,
    key: null,
    reason: '',
    log: null,
  } as const
  const history: History = Object.fromEntries(
    keyed.map(([id, { fingerprint }]): [string, StepHistory] => [
      id,
      remember(undefined, { commit: 'then', fingerprint, result: { ...result, id, exitCode: 0 } }),
    ]),
  )
  const cached = new Set(keyed.flatMap(([, { key }]) => (key === null ? [] : [key])))
  return { cached, history, trees: new Map([['then', then.trees.get('now')!]]) }
}

function reasons(of: Plan): Record<string, string> {
  return Object.fromEntries(of.steps.map(({ step, reason }) => [step.id, reason]))
}

const STEP = userStep('lint', { run: 'npm run lint', inputs: ['src/**'], env: { A: '1' } })

const CASES: readonly {
  readonly name: string
  readonly step?: Partial<PipelineStep>
  readonly files?: Files
  readonly facts?: Partial<Facts>
  readonly reason: string
}[] = [
  { name: 'nothing', reason: 'nothing that it depends on changed' },
  { name: 'a file', files: { 'src/a': '2', 'src/b': '1' }, reason: 'src/a changed' },
  { name: 'two files', files: { 'src/a': '2', 'src/b': '2' }, reason: 'src/a changed and 1 more' },
  {
    name: 'a new file',
    files: { 'src/a': '1', 'src/b': '1', 'src/c': '1' },
    reason: 'src/c is new',
  },
  { name: 'a file less', files: { 'src/a': '1' }, reason: 'src/b is gone' },
  {
    name: 'a file elsewhere',
    files: { 'src/a': '1', 'src/b': '1', x: '2' },
    reason: 'nothing that it depends on changed',
  },
  {
    name: 'the command',
    step: { run: 'npm run lint:all' },
    reason: 'its command or its outputs changed',
  },
  { name: 'a variable', step: { env: { A: '2' } }, reason: 'variable A changed' },
  { name: 'a reference', step: { env: { A: { env: 'A' } } }, reason: 'variable A changed' },
  {
    name: 'a timeout',
    step: { timeoutSeconds: 7, retries: 3 },
    reason: 'nothing that it depends on changed',
  },
  {
    name: 'a tool',
    facts: { tools: { platform: 'linux-x64', sh: 'dash', node: 'v26.0.0', npm: '11' } },
    reason: 'node is v26.0.0 now, was v24.0.0',
  },
  { name: 'never cached', step: { cache: false }, reason: 'it is never cached' },
  {
    name: 'a pruned cache',
    facts: { cached: new Set() },
    reason: 'its result is not in the cache',
  },
  { name: 'a first time', facts: { history: {}, cached: new Set() }, reason: 'never run before' },
]

for (const { name, step, files, facts: more, reason } of CASES) {
  test(`why a step runs: ${name}`, () => {
    const before = { 'src/a': '1', 'src/b': '1' }
    const known = afterRun(graphOf(project({ steps: [STEP] })), before)
    const now = graphOf(project({ steps: [{ ...STEP, ...step }] }))
    assert.equal(reasons(plan(now, facts(files ?? before, { ...known, ...more }))).lint, reason)
  })
}

test('outputs of what a step needs are part of its key, what only holds it back is not', () => {
  const steps = (lint: string, make: string) =>
    graphOf(
      project({
        steps: [
          userStep('lint', { run: lint, before: ['gate'] }),
          userStep('make', { run: make, outputs: ['out'] }),
          userStep('gate', { needs: ['make'] }),
          userStep('use', { needs: ['gate'] }),
        ],
      }),
    )
  const known = afterRun(steps('a', 'a'), {})
  const uncached = (graph: Graph) =>
    plan(graph, facts({}, known))
      .steps.flatMap(({ step, cached }) => (cached ? [] : [step.id]))
      .sort()
  assert.deepEqual(uncached(steps('b', 'a')), ['lint'])
  assert.deepEqual(uncached(steps('a', 'b')), ['gate', 'make', 'use'])
  assert.equal(
    reasons(plan(steps('a', 'b'), facts({}, known))).use,
    'what it gets from make changed',
  )
})

test('what sees the outputs of a step that is never cached is not cached either', () => {
  const graph = graphOf(
    project({
      steps: [
        userStep('time', { cache: false, outputs: ['now'] }),
        userStep('gate', { needs: ['time'] }),
        userStep('use', { needs: ['gate'] }),
        userStep('notify', { cache: false }),
        userStep('after', { needs: ['notify'] }),
      ],
    }),
  )
  const keys = keysOf(graph, facts({}))
  const uncached = [...keys].filter(([, { key }]) => key === null).map(([id]) => id)
  assert.deepEqual(uncached.sort(), ['gate', 'notify', 'time', 'use'])
})

test('the label of an artifact is part of its key', () => {
  const graph = graphOf(project({ services: [service('web')] }))
  const origin = { commit: 'c1', version: '1.0.0', committedAt: 1 }
  const known = afterRun(graph, {}, { origins: { web: origin } })
  const origins = { web: { ...origin, version: '1.0.1' } }
  const again = plan(graph, facts({}, { ...known, origins }))
  assert.equal(reasons(again)['web:package'], 'the commit or version on its label changed')
})

test('of what may start, what fails often and costs little comes first; a long chain is not left to the end', () => {
  const graph = graphOf(
    project({
      steps: ['slow', 'quick', 'flaky']
        .map((name) => userStep(name))
        .concat(userStep('long'), userStep('longer', { needs: ['long'] })),
    }),
  )
  const habit = (meanSeconds: number, failures: number): StepHistory => ({
    ...(afterRun(graph, {}).history!.slow as StepHistory),
    runs: 10,
    failures,
    meanSeconds,
  })
  const history = {
    slow: habit(60, 0),
    quick: habit(1, 0),
    flaky: habit(1, 5),
    long: habit(60, 0),
    longer: habit(60, 0),
  }
  const order = plan(graph, facts({}, { history })).steps.map(({ step }) => step.id)
  const at = (id: string) => order.indexOf(id)
  assert.ok(at('flaky') < at('quick') && at('long') < at('slow'), order.join(' '))
})

/** Random steps, each needing some of those before it, each with a file of its own. */
const graphs = fc
  .array(fc.record({ needs: fc.array(fc.nat(50), { maxLength: 3 }), outputs: fc.boolean() }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((drafts) =>
    drafts.map(({ needs, outputs }, i) =>
      userStep(`s${i}`, {
        needs: i === 0 ? [] : [...new Set(needs.map((need) => `s${need % i}`))],
        inputs: [`f${i}`],
        outputs: outputs ? [`o${i}`] : [],
      }),
    ),
  )

function filesOf(steps: readonly PipelineStep[], changed?: number): Files {
  return Object.fromEntries(steps.map((_, i) => [`f${i}`, i === changed ? 'changed' : 'same']))
}

test('any graph: every step comes after all that it needs, whatever its habits', () => {
  fc.assert(
    fc.property(graphs, fc.array(fc.nat(100)), (steps, seconds) => {
      const graph = graphOf(project({ steps }))
      const known = afterRun(graph, filesOf(steps)).history!
      const history = Object.fromEntries(
        Object.entries(known).map(([id, past], i) => [
          id,
          { ...past, meanSeconds: seconds[i] ?? 3 },
        ]),
      )
      const ordered = plan(graph, facts(filesOf(steps), { history })).steps
      assert.equal(ordered.length, steps.length)
      const seen = new Set<string>()
      for (const { step } of ordered) {
        for (const need of step.needs) assert.ok(seen.has(need))
        seen.add(step.id)
      }
    }),
  )
})

test('any graph: unchanged, all is cached; a changed file runs exactly its step and what sees its outputs', () => {
  fc.assert(
    fc.property(graphs, fc.nat(), (steps, pick) => {
      const graph = graphOf(project({ steps }))
      const known = afterRun(graph, filesOf(steps))
      assert.ok(plan(graph, facts(filesOf(steps), known)).steps.every(({ cached }) => cached))
      const changed = pick % steps.length
      const runs = plan(graph, facts(filesOf(steps, changed), known)).steps
      const ids = runs.flatMap(({ step, cached }) => (cached ? [] : [step.id])).sort()
      assert.deepEqual(ids, touchedBy(steps, changed))
    }),
  )
})

/** By the definition: a step sees a change when it is its own, or reaches it through its needs past an output of the changed step. */
function touchedBy(steps: readonly PipelineStep[], changed: number): readonly string[] {
  const touched = new Set([`s${changed}`])
  if (steps[changed]!.outputs.length === 0) return [...touched]
  for (const { name, needs } of steps) {
    if (needs.some((need) => touched.has(need))) touched.add(name)
  }
  return [...touched].sort()
}
