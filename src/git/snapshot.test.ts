import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { initRepository, openRepository } from './index.ts'

async function sample(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-git-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const repository = await initRepository(folder)
  const write = (path: string, text: string) => writeFile(join(folder, path), text)
  return { folder, repository, write }
}

test('a snapshot holds the work tree as it is, and the same one has the same name', async (t) => {
  const { folder, repository, write } = await sample(t)
  await mkdir(join(folder, 'app'))
  await write('app/kept', '1')
  await write('app/gone', '1')
  await write('.gitignore', 'ignored\n')
  const message = { subject: 'One' }
  const base = await repository.commitAll({ message, actor: 'ada', at: 1_700_000_000_000 })
  assert.deepEqual(await repository.snapshot(), { commit: base, base })
  await write('app/kept', '2')
  await write('app/new', '1')
  await write('ignored', '1')
  await rm(join(folder, 'app/gone'))
  await mkdir(join(folder, 'app/.slipway'))
  await write('app/.slipway/store', '1')
  const index = await readFile(join(folder, '.git/index'))
  const below = openRepository(join(folder, 'app'))
  const snapshot = await below.snapshot()
  assert.deepEqual(await below.snapshot(), snapshot)
  assert.equal(snapshot.base, base)
  const entries = await repository.listTree(snapshot.commit)
  assert.deepEqual(
    entries.map(({ path }) => path),
    ['.gitignore', 'app/kept', 'app/new'],
  )
  assert.equal(`${await repository.readFile(snapshot.commit, 'app/kept')}`, '2')
  assert.deepEqual(await readFile(join(folder, '.git/index')), index)
  assert.equal(await repository.resolve('HEAD'), base)
  await write('app/kept', '3')
  assert.notEqual((await repository.snapshot()).commit, snapshot.commit)
})

test('before the first commit a snapshot has no base', async (t) => {
  const { repository, write } = await sample(t)
  await write('a', '1')
  const { commit, base } = await repository.snapshot()
  assert.equal(base, null)
  assert.deepEqual((await repository.commit(commit)).parents, [])
})
