import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnalysisError } from './analysis-error.ts'
import { readRecording } from './recording.ts'
import { replica, SETTINGS, tick } from './testdata/replicas.ts'
import { readTickFile } from './tick-file.ts'

const settings = JSON.stringify(SETTINGS)
const line = (fields: object) =>
  JSON.stringify({ ...tick({ t: 0, canary: [replica(5)] }), ...fields })

async function read(lines: readonly string[]): Promise<readonly string[]> {
  const kinds: string[] = []
  for await (const { kind } of readTickFile(lines, 'ticks.jsonl')) kinds.push(kind)
  return kinds
}

test('settings first, then ticks; blank lines are passed over', async () => {
  assert.deepEqual(await read([settings, '', line({ t: 1 }), line({ t: 2 })]), [
    'settings',
    'tick',
    'tick',
  ])
})

const WRONG: readonly {
  readonly what: string
  readonly lines: readonly string[]
  readonly code: string
  readonly message: RegExp
}[] = [
  {
    what: 'an empty file',
    lines: [],
    code: 'ticks-missing',
    message: /^ticks\.jsonl:1: it is empty; .*"alpha":0\.01/,
  },
  {
    what: 'a first line that is a tick',
    lines: [line({})],
    code: 'judge-settings-invalid',
    message: /^ticks\.jsonl:1: alpha: must be a number from 0 to 1, for example 0\.01;/,
  },
  {
    what: 'an unknown setting',
    lines: [JSON.stringify({ ...SETTINGS, alfa: 1 })],
    code: 'judge-settings-invalid',
    message: /:1: unknown key alfa\. Expected is/,
  },
  {
    what: 'an impossible alpha',
    lines: [JSON.stringify({ ...SETTINGS, alpha: 1 })],
    code: 'judge-settings-invalid',
    message: /:1: alpha: must be between 0 and 1/,
  },
  {
    what: 'a line that is not JSON',
    lines: [settings, line({}), '{"t":1,'],
    code: 'tick-invalid',
    message: /:3: not JSON \(.*each line must be one JSON object, a tick: \{"t":0/,
  },
  {
    what: 'a line that is no object',
    lines: [settings, '7'],
    code: 'tick-invalid',
    message: /:2: must be an object\. Expected is/,
  },
  {
    what: 'a weight in percent',
    lines: [settings, line({ weight: 10 })],
    code: 'tick-invalid',
    message: /:2: weight: must be from 0 to 1, for example 0\.05/,
  },
  {
    what: 'more errors than requests',
    lines: [settings, line({ canary: [replica(1, 2)] })],
    code: 'tick-invalid',
    message: /:2: canary\[0\]: must not have more errors than requests/,
  },
  {
    what: 'a short histogram',
    lines: [settings, line({ baseline: [{ ...replica(1), latency: [1, 2] }] })],
    code: 'tick-invalid',
    message: /:2: baseline\[0\]\.latency: must have 64 counts, one for each bucket/,
  },
  {
    what: 'time that goes back',
    lines: [settings, line({ t: 5 }), '', line({ t: 5 })],
    code: 'tick-invalid',
    message: /:4: t is 5 after 5: ticks must come in order/,
  },
]

for (const { what, lines, code, message } of WRONG) {
  test(`${what} is an error that names the line and what would be right`, async () => {
    await assert.rejects(read(lines), (error) => {
      assert.ok(error instanceof AnalysisError)
      assert.equal(error.code, code)
      assert.equal(error.fault, 'input')
      assert.match(error.message, message)
      return true
    })
  })
}

test('a recorded rollout reads like its tick file', () => {
  const events = [
    { type: 'rollout.started', data: {} },
    { type: 'rollout.judged-by', data: SETTINGS },
    { type: 'rollout.ticks', data: [tick({ t: 1 }), tick({ t: 2 })] },
    { type: 'rollout.step-reached', data: { weight: 5 } },
    { type: 'rollout.ticks', data: [tick({ t: 3 })] },
  ]
  const lines = [...readRecording(events, 'r1')]
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ['settings', 'tick', 'tick', 'tick'],
  )
  assert.throws(() => [...readRecording([], 'r2')], { code: 'rollout-not-judged' })
})
