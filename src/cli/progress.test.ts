import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { RunEvent } from '../pipeline/index.ts'
import { liveProgress, plainProgress } from './progress.ts'

function finished(id: string, status: 'passed' | 'failed'): RunEvent {
  const rest = { service: null, key: null, log: null, exitCode: null }
  return { kind: 'finished', result: { id, status, seconds: 1.23, reason: 'why', ...rest } }
}

test('plain progress gives whole lines, each with the name of its step', () => {
  const notes: string[] = []
  const progress = plainProgress((line) => notes.push(line))
  progress.show({ kind: 'started', step: 'a:test', attempt: 1 })
  progress.show({ kind: 'output', step: 'a:test', text: 'one\ntw' })
  progress.show({ kind: 'output', step: 'lint', text: 'x\n' })
  progress.show({ kind: 'output', step: 'a:test', text: 'o\nrest' })
  progress.show(finished('a:test', 'failed'))
  progress.show(finished('lint', 'passed'))
  progress.end()
  assert.deepEqual(notes, [
    'a:test | started',
    'a:test | one',
    'lint | x',
    'a:test | two',
    'a:test | rest',
    'a:test | failed: why',
    'lint | passed in 1.2 s (why)',
  ])
})

test('live progress draws what runs by service and keeps what ended above it', () => {
  let now = 0
  let drawn = ''
  const kept: string[] = []
  const progress = liveProgress({
    draw: (text) => {
      drawn = stripVTControlCharacters(text)
    },
    keep: (line) => kept.push(stripVTControlCharacters(line)),
    now: () => now,
  })
  progress.show({
    kind: 'planned',
    steps: ['a:test', 'a:lint', 'b:test'].map((id) => ({ id, needs: [] })),
  })
  for (const step of ['a:test', 'a:lint', 'b:test'])
    progress.show({ kind: 'started', step, attempt: 1 })
  progress.show({ kind: 'output', step: 'a:test', text: 'first\nsecond\n' })
  now = 2500
  progress.show(finished('b:test', 'passed'))
  assert.deepEqual(kept, ['✔ b:test passed in 1.2 s (why)'])
  assert.equal(drawn, 'a\n  test  2 s  second\n  lint  2 s  \n1 of 3 steps')
  progress.end()
  assert.equal(drawn, '')
})
