import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { inputDigests } from './input-digests.ts'
import type { Sources } from './sources.ts'
import { Workplace } from './testing/workplace.ts'
import { Tree } from './tree.ts'

const ENTRIES = ['a/x', 'a/y', 'b/z'].map((path) => ({ path, mode: '100644', blob: path }))

/** Digests of some globs, and how often the tree was listed for them. */
async function ask(memory: string, more: { root?: string | null; build?: string | null } = {}) {
  let listed = 0
  const { root = 'tree-1', build = 'build-1' } = more
  const tree = async () => {
    listed++
    return ENTRIES
  }
  const sources = { root, tree } as Partial<Sources> as Sources
  const globs = [['a/**'], ['b/**', '!b/z']]
  const digests = await inputDigests({ sources, globs, memory, build })
  return { listed, answers: globs.map((each) => digests.digest(each)) }
}

test('a tree that was looked at is not listed again, another tree or build is', async () => {
  await using place = await Workplace.make()
  const memory = place.file('cache/digests.json')
  const tree = new Tree(ENTRIES)
  const answers = [tree.digest(['a/**']), tree.digest(['b/**', '!b/z'])]
  assert.deepEqual(await ask(memory), { listed: 1, answers })
  assert.deepEqual(await ask(memory), { listed: 0, answers })
  assert.deepEqual(await ask(memory, { build: 'build-2' }), { listed: 1, answers })
  assert.deepEqual(await ask(memory, { root: 'tree-2', build: 'build-2' }), { listed: 1, answers })
  assert.deepEqual(await ask(memory, { root: null }), { listed: 1, answers }, 'no commit')
  assert.deepEqual(await ask(memory, { build: null }), { listed: 1, answers }, 'unknown build')
})

test('a damaged memory is found out and not believed', async () => {
  await using place = await Workplace.make()
  const memory = place.file('cache/digests.json')
  const { answers } = await ask(memory)
  const written = await readFile(memory, 'utf8')
  for (const damaged of [
    written.replace(answers[0]!, answers[1]!),
    written.slice(0, -9),
    '',
    'x',
  ]) {
    await writeFile(memory, damaged)
    assert.deepEqual(await ask(memory), { listed: 1, answers })
    assert.deepEqual(await ask(memory), { listed: 0, answers })
  }
})
