import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { openRepository } from '../git/index.ts'
import { OriginMemory } from './origin-memory.ts'
import { Workplace } from './testing/workplace.ts'

/** Asks with the memory of earlier questions and without any; both must agree. */
async function origins(place: Workplace, commit: string): Promise<readonly string[]> {
  const repository = openRepository(place.repo)
  const globs = [['a/**', 'shared.json'], ['b/**'], ['b/*.{ts,js}'], ['nothing/**']]
  const ask = async (memory: string) => {
    const known = await OriginMemory.open({ repository, commit, prefix: '', memory })
    const answers = await Promise.all(globs.map((each) => known.get(each)))
    await known.save()
    return answers.map((answer) => answer.commit)
  }
  const remembered = await ask(place.file('origins.json'))
  assert.deepEqual(remembered, await ask(place.file('fresh.json')))
  await rm(place.file('fresh.json'))
  return remembered
}

test('origins carried from commit to commit are those that git finds from nothing', async () => {
  await using place = await Workplace.make()
  const c1 = await place.commit({ 'a/x.ts': '1', 'b/x.ts': '1', 'shared.json': '1' })
  assert.deepEqual(await origins(place, c1), [c1, c1, c1, c1])
  const c2 = await place.commit({ 'a/x.ts': '2' })
  assert.deepEqual(await origins(place, c2), [c2, c1, c1, c2])
  const c3 = await place.commit({ 'b/x.ts': '2' })
  const c4 = await place.commit({ 'b/x.ts': '1' })
  assert.deepEqual(await origins(place, c4), [c2, c4, c4, c4], 'changed and changed back')
  const c5 = await place.commit({ 'shared.json': null })
  assert.deepEqual(await origins(place, c5), [c5, c4, c4, c5])
  assert.deepEqual(await origins(place, c3), [c2, c3, c3, c3], 'backwards')
})
