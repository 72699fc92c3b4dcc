import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openRepository } from '../git/index.ts'
import { CheckoutPool } from './checkout-pool.ts'
import { Workplace } from './testing/workplace.ts'

function poolOf(place: Workplace): CheckoutPool {
  return new CheckoutPool({
    repository: openRepository(place.repo),
    folder: place.file('checkouts'),
  })
}

const tokens = async (place: Workplace) =>
  (await place.list('checkouts')).filter((name) => /\.(free|of-)/.test(name)).sort()

test('a checkout is used again at another commit; of runs at once each has its own', async () => {
  await using place = await Workplace.make()
  const pool = poolOf(place)
  const first = await place.commit({ a: '1', b: '1' })
  const one = await pool.claim(first)
  await writeFile(join(one.folder, 'made'), 'x')
  await one.release()
  const second = await place.commit({ a: '2' })
  const claimed = await Promise.all([first, second, second, first].map((each) => pool.claim(each)))
  const folders = claimed.map(({ folder }) => folder)
  assert.equal(new Set(folders).size, 4)
  assert.ok(folders.includes(one.folder))
  for (const [i, folder] of folders.entries()) {
    assert.deepEqual((await readdir(folder)).sort(), ['.git', 'a', 'b'])
    assert.equal(await readFile(join(folder, 'a'), 'utf8'), i === 0 || i === 3 ? '1' : '2')
  }
  for (const each of claimed) await each.release()
  assert.equal((await tokens(place)).length, 2, 'the others are removed')
})

test('what a process that is gone left is removed, what one elsewhere has is let be', async () => {
  await using place = await Workplace.make()
  const pool = poolOf(place)
  const commit = await place.commit({ a: '1' })
  const lost = await pool.claim(commit)
  const kept = await pool.claim(commit)
  const { pid } = spawnSync('true')
  const own = `of-${process.pid}-${hostname()}`
  await rename(`${lost.folder}.${own}`, `${lost.folder}.of-${pid}-${hostname()}`)
  await rename(`${kept.folder}.${own}`, `${kept.folder}.of-${pid}-elsewhere`)
  const next = await pool.claim(commit)
  assert.ok(![lost.folder, kept.folder].includes(next.folder))
  assert.deepEqual(await tokens(place), [`tree-1.of-${pid}-elsewhere`, `tree-2.${own}`])
  assert.deepEqual((await place.list('checkouts')).includes('tree-0'), false)
})

test('one that was tampered with or deleted is replaced', async () => {
  await using place = await Workplace.make()
  const pool = poolOf(place)
  const commit = await place.commit({ a: '1' })
  const harms = [
    (folder: string) => rm(join(folder, '.git')),
    (folder: string) => rm(folder, { recursive: true }),
    (folder: string) => writeFile(`${folder}.index`, 'no index'),
    (folder: string) => rm(`${folder}.git`),
  ]
  for (const harm of harms) {
    const { folder, release } = await pool.claim(commit)
    await release()
    await harm(folder)
    const again = await pool.claim(commit)
    assert.deepEqual((await readdir(again.folder)).sort(), ['.git', 'a'])
    await again.release()
  }
  assert.equal((await tokens(place)).length, 1)
})

test('a commit that is not there is told, and nothing is left', async () => {
  await using place = await Workplace.make()
  await place.commit({ a: '1' })
  await assert.rejects(poolOf(place).claim('f'.repeat(40)), { code: 'unknown-commit' })
  assert.deepEqual(await place.list('checkouts'), [])
})
