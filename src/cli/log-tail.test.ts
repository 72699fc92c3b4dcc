import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { lastLines, tail } from './log-tail.ts'

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-tail-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

test('the last lines of a log, however long it is', async (t) => {
  const file = join(await scratch(t), 'log')
  assert.deepEqual(await lastLines(file, 3), [], 'not there')
  await writeFile(file, '')
  assert.deepEqual(await lastLines(file, 3), [])
  const all = Array.from({ length: 40_000 }, (_, i) => `line ${i} ä`)
  await writeFile(file, `${all.join('\n')}\n`)
  assert.deepEqual(await lastLines(file, 3), all.slice(-3))
  assert.deepEqual(await lastLines(file, 20_000), all.slice(-20_000))
  assert.deepEqual(await lastLines(file, 99_999), all)
  assert.deepEqual(await lastLines(file, 0), [])
  await appendFile(file, 'begun')
  assert.deepEqual(await lastLines(file, 2), [all.at(-1), 'begun'])
})

test('a tail tells each whole line once, of logs that come later too, until it is over', async (t) => {
  const folder = await scratch(t)
  const [a, b] = [join(folder, 'a'), join(folder, 'b')]
  await writeFile(a, '1\n2\n3\nbeg')
  const files = [{ name: 'a', file: a }]
  const told: string[] = []
  let isOver = false
  const acts = [
    () => appendFile(a, 'un\n'),
    async () => {
      await writeFile(b, 'x\n')
      files.push({ name: 'b', file: b })
    },
    async () => {
      await truncate(a, 0)
      await appendFile(a, 'rot\n')
    },
    async () => {
      await appendFile(b, 'last')
      isOver = true
    },
  ]
  let looks = 0
  const signal = new AbortController().signal
  const logs = async () => {
    // Each act lies between two looks.
    if (looks++ > 0) await acts.shift()?.()
    return files
  }
  for await (const { name, line } of tail({ logs, isOver: async () => isOver, count: 2, signal })) {
    told.push(`${name} ${line}`)
  }
  assert.deepEqual(told, ['a 2', 'a 3', 'a begun', 'b x', 'a rot', 'b last'])
})

test('a tail ends when it is aborted', async (t) => {
  const file = join(await scratch(t), 'a')
  await writeFile(file, '1\n')
  const abort = new AbortController()
  const logs = async () => [{ name: 'a', file }]
  const options = { logs, isOver: async () => false, count: 9, signal: abort.signal }
  for await (const { line } of tail(options)) {
    assert.equal(line, '1')
    abort.abort()
  }
})
