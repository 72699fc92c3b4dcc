import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { formatDuration, secondsOf } from './duration.ts'
import { formatProblem, type Project, parseProject, writeProject } from './index.ts'
import type { WrittenProject } from './written.ts'

const runs = { seed: 20260101, numRuns: 200 }

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4})?$/)
const text = fc.stringMatching(/^[ -~]{0,20}[!-~]$/)
const duration = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.constantFrom('ms', 's', 'm', 'h', 'd'))
  .map(([amount, unit]) => `${amount}${unit}`)
const percent = fc.integer({ min: 0, max: 100_000 }).map((part) => `${part / 1000}%`)
const variable = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,5}$/).filter((each) => each !== 'PORT')
const environ = fc.dictionary(
  variable,
  fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.record({ env: variable }),
    fc.record({ file: text }),
  ),
  { maxKeys: 3 },
)
const probe = fc.oneof(
  fc.constant('/healthz'),
  fc.record(
    { path: fc.constant('/up'), interval: duration, deadline: duration },
    { requiredKeys: [] },
  ),
)
const sidecars = fc.dictionary(
  name,
  fc.record(
    { run: text, env: environ, ready: probe, address: variable },
    { requiredKeys: ['run'] },
  ),
  { maxKeys: 2 },
)
const step = fc.oneof(
  fc.integer({ min: 1, max: 990 }).map((tenths) => ({ weight: tenths / 10 })),
  fc.record({ header: fc.record({ 'x-canary': fc.string() }) }),
  fc.record({ pause: fc.oneof(duration, fc.constant(true as const)) }),
)
const canary = fc.array(step, { maxLength: 5 }).map((steps) => {
  const weights = steps.flatMap((each) => ('weight' in each ? [each.weight] : []))
  const rising = [...new Set(weights)].toSorted((a, b) => a - b)
  const others = steps.filter((each) => !('weight' in each))
  return { canary: [...others, ...rising, 100] }
})
const strategy = fc.oneof(
  fc.constantFrom('recreate', 'rolling', 'blue-green', 'canary', 'shadow'),
  canary,
  fc.record({
    rolling: fc.record({
      maxSurge: fc.constantFrom(1, 4, '25%'),
      maxUnavailable: fc.constantFrom(0, '10%'),
    }),
  }),
  fc.record({ 'blue-green': fc.record({ hold: duration }) }),
  fc.record({ shadow: fc.record({ percent: fc.integer({ min: 1, max: 100 }), for: duration }) }),
)
const analysis = fc.record(
  {
    alpha: fc.double({ min: 0.0001, max: 0.4, noNaN: true }),
    beta: fc.constantFrom('1%', '0.5%', 0.05),
    risk: percent,
    warm: duration,
    dwell: duration,
    deadline: duration,
    inconclusive: fc.constantFrom('ask', 'promote', 'rollback'),
  },
  { requiredKeys: [] },
)
const service = fc.record(
  {
    start: text,
    install: text,
    build: fc.oneof(text, fc.record({ run: text, output: fc.constantFrom('dist', ['a', './b/']) })),
    test: fc.oneof(
      text,
      fc.record({ run: text, services: sidecars, retries: fc.nat(10), timeout: duration }),
    ),
    port: fc.integer({ min: 1, max: 65_535 }),
    ready: probe,
    drain: duration,
    stop: duration,
    memory: fc
      .integer({ min: 1, max: 9999 })
      .chain((n) => fc.constantFrom(`${n}Mi`, `${n}M`, `${n}.5Gi`)),
    replicas: fc.integer({ min: 1, max: 9 }),
    env: environ,
    api: fc.constant('openapi.yaml'),
    inputs: fc.constantFrom('lib/**', ['a/*', 'b']),
    objectives: fc.record({ errors: percent, p95: duration }, { requiredKeys: [] }),
  },
  { requiredKeys: ['start'] },
)

/** Files that are right: needs and sources only point backwards, so there is no circle. */
const file = fc
  .record({
    names: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
    services: fc.array(service, { minLength: 4, maxLength: 4 }),
    places: fc.uniqueArray(name, { maxLength: 3 }),
    strategies: fc.array(strategy, { minLength: 3, maxLength: 3 }),
    analyses: fc.array(analysis, { minLength: 4, maxLength: 4 }),
    objectives: fc.record({ errors: percent, p95: duration }, { requiredKeys: [] }),
    environ,
    matrix: fc.dictionary(
      variable,
      fc.array(fc.oneof(fc.string(), fc.integer()), { minLength: 1, maxLength: 3 }),
      { maxKeys: 2 },
    ),
  })
  .map(({ names, services, places, strategies, analyses, objectives, environ, matrix }) => ({
    project: 'shop',
    objectives,
    analysis: analyses[3],
    services: Object.fromEntries(
      names.map((each, at) => [
        each,
        {
          path: `services/${each}`,
          ...services[at],
          needs:
            at % 2 === 0
              ? names.slice(0, at)
              : Object.fromEntries(names.slice(0, at).map((other) => [other, '>=1.2'])),
        },
      ]),
    ),
    pipeline: {
      lint: { run: 'lint', before: 'build', services: 'all', matrix },
      smoke: 'smoke',
    },
    environments: Object.fromEntries(
      places.map((each, at) => [
        each,
        {
          from: places[at - 1] ?? { branch: each },
          strategy: strategies[at],
          analysis: analyses[at],
          env: environ,
          approve: at === 1 ? 'boss' : [],
          verify: at === 0 ? ['smoke'] : [],
          services: { [names[0] ?? '']: { strategy: strategies[0] } },
        },
      ]),
    ),
    roles: { boss: ['ada@example.org'] },
  }))

function projectOf(text: string): Project {
  const parsed = parseProject(text, '/repo/slipway.yaml')
  if ('project' in parsed) return parsed.project
  assert.fail(`${parsed.problems.map(formatProblem).join('\n')}\n${text}`)
}

test('a right file is accepted, and what it means can be written and read again', () => {
  fc.assert(
    fc.property(file, (written) => {
      const project = projectOf(stringify(written satisfies object as WrittenProject))
      assert.deepEqual(projectOf(writeProject(project)), project)
    }),
    runs,
  )
})

test('every length of time in milliseconds can be written and read again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 365 * 86_400_000 }), (milliseconds) => {
      assert.equal(secondsOf(formatDuration(milliseconds / 1000)), milliseconds / 1000)
    }),
    runs,
  )
})

test('junk is told, never thrown', () => {
  const keys = fc.constantFrom(
    'project',
    'services',
    'environments',
    'pipeline',
    'from',
    'strategy',
    'canary',
    'needs',
    'path',
    'env',
    'analysis',
    'constructor',
    '__proto__',
    'a',
    '<<',
    'test',
    'before',
    'verify',
  )
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom('main', 'a', 5, 0, -1, null, true, 1e99, ''),
      fc.string(),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(keys, tie('node'), { maxKeys: 6 }),
    ),
  })).node
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          'a',
          ': ',
          '- ',
          '\n',
          '  ',
          '{',
          '}',
          '[',
          ']',
          '&a ',
          '*a',
          '!!map ',
          '? ',
          '|',
          '"',
          "'",
          '#',
          '---\n',
          '\t',
          'services',
        ),
        { maxLength: 60 },
      )
      .map((parts) => parts.join('')),
    value.map((each) => stringify(each)),
  )
  fc.assert(
    fc.property(texts, (junk) => {
      const parsed = parseProject(junk, 'slipway.yaml')
      assert.ok('problems' in parsed && parsed.problems.length > 0)
      for (const problem of parsed.problems) {
        assert.ok(problem.line >= 1 && problem.column >= 1)
        assert.notEqual(formatProblem(problem), '')
      }
    }),
    { seed: 7, numRuns: 1500 },
  )
})

test('a right file with one value replaced is told or accepted, never thrown', () => {
  fc.assert(
    fc.property(file, fc.jsonValue(), fc.nat(), (written, junk, place) => {
      const damaged = structuredClone(written) as Record<string, unknown>
      const holders = mapsIn(damaged)
      const holder = holders[place % holders.length] ?? damaged
      const keys = Object.keys(holder)
      holder[keys[place % keys.length] ?? 'x'] = junk
      const parsed = parseProject(stringify(damaged), 'slipway.yaml')
      assert.ok('project' in parsed || parsed.problems.length > 0)
    }),
    runs,
  )
})

function mapsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return []
  const below = Object.values(value).flatMap(mapsIn)
  return Array.isArray(value) ? below : [value as Record<string, unknown>, ...below]
}
