import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parts } from '../main/parts.ts'
import { runCommandLine } from './command-line.ts'
import { verbs } from './verbs.ts'

const MAIN = join(import.meta.dirname, '..', 'main.ts')
const NAMES = verbs(parts).map(({ name }) => name)

type Said = { readonly exit: number; readonly out: string; readonly notes: string }

async function slipway(...argv: readonly string[]): Promise<Said> {
  const out: string[] = []
  const notes: string[] = []
  const exit = await runCommandLine(verbs(parts), argv, {
    cwd: tmpdir(),
    env: {},
    out: (text) => out.push(text),
    note: (text) => notes.push(text),
    isTerminal: false,
    columns: null,
    json: false,
    signal: new AbortController().signal,
  })
  return { exit, out: out.join('\n'), notes: notes.join('\n') }
}

test('slipway alone, --help and help list every verb, and are no mistake', async () => {
  for (const argv of [[], ['--help'], ['help']]) {
    const { exit, out, notes } = await slipway(...argv)
    assert.deepEqual([exit, notes], [0, ''])
    for (const name of NAMES) assert.match(out, new RegExp(`^  ${name} +\\w`, 'm'))
  }
})

test('an unknown verb is a mistake, and the nearest is suggested', async () => {
  const near = await slipway('promot')
  assert.deepEqual(near, {
    exit: 2,
    out: '',
    notes: 'slipway: there is no verb promot; did you mean promote?',
  })
  const far = await slipway('frobnicate')
  assert.equal(far.exit, 2)
  assert.equal(far.notes, 'slipway: there is no verb frobnicate; slipway --help lists them')
})

for (const name of NAMES) {
  test(`${name} --help has an example that names it, and --json`, async () => {
    const { exit, out } = await slipway(name, '--help')
    assert.equal(exit, 0)
    assert.match(out, new RegExp(`^Usage: slipway ${name} `))
    assert.match(out, new RegExp(`^Example:\\n  .*\\bslipway ${name}\\b`, 'm'))
    assert.match(out, /^ {2}--json +print one JSON document/m)
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
    assert.equal((await slipway('help', name)).out, out)
    assert.equal((await slipway(name, '--no-such-option')).exit, 2)
  })
}

test('a reader that has seen enough ends the program without a word', async () => {
  const command = `"${process.execPath}" "${MAIN}" --help | head -1`
  const said = await new Promise<{ out: string; err: string }>((done) => {
    execFile('/bin/sh', ['-c', command], (_error, out, err) => done({ out, err }))
  })
  assert.deepEqual(said, { out: 'Usage: slipway <verb> [options]\n', err: '' })
})
