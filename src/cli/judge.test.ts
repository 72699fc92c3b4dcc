import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import type { JudgeSettings, RecordedEvent, Tick } from '../analysis/index.ts'
import { judgeVerb } from './judge.ts'
import type { Context } from './verb.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-judge-'))
after(() => rmSync(folder, { recursive: true }))

const settings: JudgeSettings = {
  alpha: 0.01,
  beta: 0.05,
  warm: 30,
  minDwell: 0,
  next: [{ weight: 1, margin: 0.02, latencyRatio: 2 }],
}

function stream(canaryErrors: number): readonly Tick[] {
  const instance = (requests: number, errors: number) => ({ requests, errors, ageSeconds: 99 })
  return Array.from({ length: 90 }, (_, i) => ({
    t: i - 30,
    seconds: 1,
    weight: i < 30 ? 0 : 0.2,
    canary: i < 30 ? [] : [instance(20, canaryErrors)],
    baseline: [instance(40, 0), instance(40, 0)],
  }))
}

const text = (ticks: readonly Tick[]) =>
  [settings, ...ticks].map((line) => `${JSON.stringify(line)}\n`).join('')

async function run(
  options: Readonly<Record<string, unknown>>,
  given: {
    readonly stdin?: string
    readonly events?: readonly RecordedEvent[]
    readonly isOutTerminal?: boolean
  } = {},
) {
  const out: string[] = []
  const context: Context = {
    cwd: folder,
    env: {},
    out: (line) => out.push(line),
    note: () => {},
    isTerminal: false,
    columns: null,
    json: false,
    signal: new AbortController().signal,
  }
  const verb = judgeVerb({
    readRolloutTicks: () => given.events ?? [],
    stdin: Readable.from([given.stdin ?? '']),
    isOutTerminal: given.isOutTerminal ?? false,
  })
  return { code: await verb.run(context, [], options), out }
}

test('a healthy stream: a JSON line at each change, exit code 0', async () => {
  writeFileSync(join(folder, 'healthy.jsonl'), text(stream(0)))
  const { code, out } = await run({ ticks: 'healthy.jsonl' })
  assert.equal(code, 0)
  const lines = out.map((line) => JSON.parse(line))
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ['no-evidence', 'collecting', 'promote', 'collecting'],
  )
  assert.deepEqual(Object.keys(lines[2]), [
    't',
    'verdict',
    'kind',
    'toWeight',
    'reason',
    'evidence',
  ])
  assert.equal(lines[2].toWeight, 1)
})

test('a failing canary: the last verdict is rollback, exit code 1', async () => {
  const { code, out } = await run({ ticks: '-' }, { stdin: text(stream(9)) })
  assert.equal(code, 1)
  assert.equal(JSON.parse(out.at(-1)!).verdict, 'rollback')
})

test('on a terminal the lines are for people', async () => {
  const { out } = await run({ ticks: '-' }, { stdin: text(stream(9)), isOutTerminal: true })
  assert.match(out.at(-1)!, /^ +\d+ s {2}rollback {9}error rate 45% against 0%/)
})

test('a recorded rollout is replayed to the same verdicts', async () => {
  const ticks = stream(9)
  const fromFile = await run({ ticks: '-' }, { stdin: text(ticks) })
  const events = [
    { type: 'rollout.judged-by', data: settings },
    { type: 'rollout.ticks', data: ticks.slice(0, 50) },
    { type: 'rollout.ticks', data: ticks.slice(50) },
  ]
  assert.deepEqual(await run({ fromStore: 'r1' }, { events }), fromFile)
})

test('bad input is an error that names the line; what came before it was judged', async () => {
  const stdin = `${text(stream(0)).split('\n').slice(0, 40).join('\n')}\n{"t":`
  await assert.rejects(run({ ticks: '-' }, { stdin }), {
    code: 'tick-invalid',
    fault: 'input',
    message: /^standard input:41: not JSON/,
  })
  await assert.rejects(run({ ticks: 'gone.jsonl' }), { code: 'ticks-unreadable', fault: 'input' })
  await assert.rejects(run({ fromStore: 'gone' }), { code: 'rollout-not-judged', fault: 'input' })
  await assert.rejects(run({}), { code: 'ticks-missing' })
  await assert.rejects(run({ ticks: '-', fromStore: 'r1' }), { code: 'ticks-missing' })
})
