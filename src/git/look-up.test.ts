import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { initRepository, openRepository } from './index.ts'

async function sample(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-git-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const repository = await initRepository(folder)
  const git = (...args: readonly string[]) => {
    const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
    return execFileSync('git', [...who, ...args], { cwd: folder, encoding: 'utf8' }).trim()
  }
  const commit = async (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    git('add', '--all')
    git('commit', '--quiet', '--allow-empty', '--message', 'Change')
    return git('rev-parse', 'HEAD')
  }
  return { folder, repository, git, commit }
}

test('names of commits, folders and files become ids in one call, unknown ones null', async (t) => {
  const { folder, repository, git, commit } = await sample(t)
  const first = await commit({ 'apps/shop/slipway.yaml': 'x', other: '1' })
  const shop = openRepository(join(folder, 'apps/shop'))
  const names = ['HEAD^{commit}', 'HEAD:./', 'HEAD:./slipway.yaml', 'nowhere^{commit}', 'HEAD:./no']
  assert.deepEqual(await shop.idsOf(names), [
    first,
    git('rev-parse', 'HEAD:apps/shop'),
    git('rev-parse', 'HEAD:apps/shop/slipway.yaml'),
    null,
    null,
  ])
  assert.deepEqual(await repository.idsOf(['main^{commit}']), [first])
  await assert.rejects(repository.idsOf(['a\nb']), { code: 'bad-name' })
})

test('tags are told by the commit that they mean, annotated or not', async (t) => {
  const { repository, git, commit } = await sample(t)
  assert.equal((await repository.tags()).size, 0)
  const first = await commit({ a: '1' })
  git('tag', 'v1.0.0')
  git('tag', '--annotate', '--message', 'It is out', 'v1.0.1')
  const second = await commit({ a: '2' })
  git('tag', 'nightly')
  const tags = await repository.tags()
  assert.deepEqual(tags.get(first), ['v1.0.0', 'v1.0.1'])
  assert.deepEqual(tags.get(second), ['nightly'])
  assert.equal(tags.size, 2)
})

test('changes are told by parent, of a merge with a parent of the same tree too', async (t) => {
  const { repository, git, commit } = await sample(t)
  const first = await commit({ a: '1', 'd/\nodd': '1' })
  git('switch', '--quiet', '--create', 'side')
  const side = await commit({ b: '1' })
  git('switch', '--quiet', 'main')
  git('merge', '--quiet', '--no-ff', '--no-edit', 'side')
  const same = git('rev-parse', 'HEAD')
  const empty = await commit({})
  git('switch', '--quiet', 'side')
  const late = await commit({ b: '2' })
  git('switch', '--quiet', 'main')
  const main = await commit({ c: '1' })
  git('merge', '--quiet', '--no-ff', '--no-edit', 'side')
  const both = git('rev-parse', 'HEAD')
  const changes = await repository.changes({ to: 'HEAD', limit: 20 })
  const told = changes.map(({ commit: id, parents, changed }) => [id, { parents, changed }])
  assert.deepEqual(Object.fromEntries(told), {
    [first]: { parents: [], changed: [['a', 'd/\nodd']] },
    [side]: { parents: [first], changed: [['b']] },
    [same]: { parents: [first, side], changed: [['b'], []] },
    [empty]: { parents: [same], changed: [[]] },
    [late]: { parents: [side], changed: [['b']] },
    [main]: { parents: [empty], changed: [['c']] },
    [both]: { parents: [main, late], changed: [['b'], ['c']] },
  })
})
