import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { initRepository, openRepository, type Repository, trailerOf } from './index.ts'

const AT = 1_700_000_000_000

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-git-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function put(folder: string, path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), content)
}

async function save(repository: Repository, subject: string): Promise<string> {
  return repository.commitAll({ message: { subject }, actor: 'Ada <ada@example.com>', at: AT })
}

test('an empty repository has a branch and no commit', async (t) => {
  const repository = await initRepository(await scratch(t), 'trunk')
  assert.equal(await repository.headBranch(), 'trunk')
  assert.equal(await repository.resolve('HEAD'), null)
  assert.equal(await repository.originUrl(), null)
})

test('refs resolve to full SHAs, unknown ones to null, and options are refused', async (t) => {
  const folder = await scratch(t)
  const repository = await initRepository(folder)
  await put(folder, 'a', '1')
  const first = await save(repository, 'First')
  assert.equal(await repository.resolve('main'), first)
  assert.equal(await repository.resolve(first.slice(0, 12)), first)
  assert.equal(await repository.resolve('no-such-branch'), null)
  assert.equal(await repository.resolve('f'.repeat(40)), null)
  for (const ref of ['--all', '', 'a\nb']) {
    await assert.rejects(repository.resolve(ref), { code: 'bad-name' })
  }
})

test('a commit is read with author, time, body and trailers', async (t) => {
  const folder = await scratch(t)
  const repository = await initRepository(folder)
  const message = {
    subject: 'Änder  the\nthing',
    body: 'Why it is so.\n\nKey: of a paragraph that is not the last',
    trailers: [
      { key: 'Actor', value: 'Ada <ada@example.com>' },
      { key: 'Reason', value: 'two\nlines\n\nSlipway-Kind: forged' },
      { key: 'Actor', value: 'the last one counts' },
    ],
  }
  const id = await repository.commitAll({ message, actor: 'Ada <ada@example.com>', at: AT })
  const commit = await repository.commit('HEAD')
  assert.deepEqual(commit, {
    commit: id,
    parents: [],
    author: 'Ada',
    authorEmail: 'ada@example.com',
    committedAt: AT / 1000,
    subject: 'Änder the thing',
    body: `Why it is so.

Key: of a paragraph that is not the last

Actor: Ada <ada@example.com>
Reason: two lines Slipway-Kind: forged
Actor: the last one counts`,
    trailers: [
      { key: 'Actor', value: 'Ada <ada@example.com>' },
      { key: 'Reason', value: 'two lines Slipway-Kind: forged' },
      { key: 'Actor', value: 'the last one counts' },
    ],
  })
  assert.equal(trailerOf(commit, 'actor'), 'the last one counts')
  assert.equal(trailerOf(commit, 'Slipway-Kind'), null)
})

test('odd file names survive listing, reading, diffing and checking out', async (t) => {
  const folder = await scratch(t)
  const repository = await initRepository(folder)
  const names = [
    'a b.txt',
    'für/größe.txt',
    'line\nbreak',
    '-dash',
    'tab\there',
    '"quoted"',
    '[id].ts',
  ]
  for (const name of names) await put(folder, name, `content of ${name}`)
  const commit = await save(repository, 'Odd names')
  const entries = await repository.listTree(commit)
  assert.deepEqual(entries.map((entry) => entry.path).sort(), [...names].sort())
  assert.deepEqual([...(await repository.changedFiles(null, commit))].sort(), [...names].sort())
  const contents = await repository.readBlobs(entries.map((entry) => entry.blob))
  for (const { path, blob } of entries) {
    assert.equal(contents.get(blob)?.toString(), `content of ${path}`)
    assert.equal((await repository.readFile(commit, path))?.toString(), `content of ${path}`)
  }
  const checkout = join(await scratch(t), 'checkout')
  await repository.checkout(commit, checkout)
  const copy = openRepository(checkout)
  assert.equal(await copy.resolve('HEAD'), commit)
  assert.equal(await copy.headBranch(), null)
  await repository.removeCheckout(checkout)
})

test('a renamed file is named by its old and its new path', async (t) => {
  const folder = await scratch(t)
  const repository = await initRepository(folder)
  await put(folder, 'services/a/big.txt', 'the same content\n'.repeat(50))
  await put(folder, 'run.sh', 'echo')
  const before = await save(repository, 'Before')
  await mkdir(join(folder, 'services/b'))
  await rename(join(folder, 'services/a/big.txt'), join(folder, 'services/b/big.txt'))
  await chmod(join(folder, 'run.sh'), 0o755)
  const after = await save(repository, 'After')
  const changed = await repository.changedFiles(before, after)
  assert.deepEqual(changed, ['run.sh', 'services/a/big.txt', 'services/b/big.txt'])
  const [entry] = await repository.listTree(after, ['run.sh'])
  assert.equal(entry?.mode, '100755')
})

test('a file that is not there is null, a commit that is not there an error', async (t) => {
  const folder = await scratch(t)
  const repository = await initRepository(folder)
  await put(folder, 'dir/file', '')
  const commit = await save(repository, 'One')
  assert.equal(await repository.readFile(commit, 'dir'), null)
  assert.equal(await repository.readFile(commit, 'dir/none'), null)
  assert.deepEqual(await repository.readFile(commit, 'dir/file'), Buffer.alloc(0))
  const unknown = { code: 'unknown-commit' }
  await assert.rejects(repository.readFile('f'.repeat(40), 'dir/file'), unknown)
  await assert.rejects(repository.commit('no-such'), unknown)
  await assert.rejects(repository.changedFiles('f'.repeat(40), commit), unknown)
})

test('the last commit that touched paths is found by folder and by glob', async (t) => {
  const folder = await scratch(t)
  const repository = await initRepository(folder)
  await put(folder, 'services/a/x.ts', '1')
  const first = await save(repository, 'a')
  await put(folder, 'services/b/deep/y.ts', '1')
  const second = await save(repository, 'b')
  await put(folder, 'README.md', '1')
  const third = await save(repository, 'readme')
  assert.equal(await repository.lastCommitTouching('HEAD', ['services/a']), first)
  assert.equal(await repository.lastCommitTouching('HEAD', ['services/a', 'services/b']), second)
  assert.equal(await repository.lastCommitTouching('HEAD', ['services/*/*.ts']), first)
  assert.equal(await repository.lastCommitTouching('HEAD', ['services/**/*.ts']), second)
  assert.equal(await repository.lastCommitTouching('HEAD', ['none']), null)
  const since = await repository.log({ from: first, to: 'main' })
  assert.deepEqual(
    since.map((commit) => commit.commit),
    [third, second],
  )
  const below = openRepository(join(folder, 'services'))
  assert.equal(await below.prefix(), 'services/')
  assert.equal(await below.lastCommitTouching('HEAD', ['services/a']), first)
})

test('the hooks and settings of the user do not bite', async (t) => {
  const folder = await scratch(t)
  const repository = await initRepository(folder)
  const hook = join(folder, '.git/hooks/pre-commit')
  for (const name of ['pre-commit', 'commit-msg', 'post-checkout', 'reference-transaction']) {
    await put(folder, `.git/hooks/${name}`, '#!/bin/sh\nexit 1\n')
    await chmod(join(dirname(hook), name), 0o755)
  }
  await put(
    folder,
    '.git/config',
    '[commit]\n\tgpgSign = true\n[log]\n\tshowSignature = true\n[color]\n\tui = always\n[core]\n\tquotePath = true\n',
  )
  await put(folder, 'ä', '1')
  const commit = await save(repository, 'Unhindered')
  assert.equal((await repository.commit('HEAD')).subject, 'Unhindered')
  assert.deepEqual(await repository.changedFiles(null, commit), ['ä'])
  const checkout = join(await scratch(t), 'checkout')
  await repository.checkout(commit, checkout)
  await repository.removeCheckout(checkout)
})

test('variables that git sets around a hook do not send us to another repository', async (t) => {
  const folder = await scratch(t)
  const repository = await initRepository(folder)
  process.env.GIT_DIR = '/nowhere'
  t.after(() => delete process.env.GIT_DIR)
  await put(folder, 'a', '1')
  const commit = await save(repository, 'One')
  assert.equal(await repository.resolve('HEAD'), commit)
})

test('a folder that is no repository, or not there, is named', async (t) => {
  const folder = await scratch(t)
  const wrong = { code: 'not-a-repository', message: new RegExp(folder) }
  await assert.rejects(openRepository(folder).resolve('HEAD'), wrong)
  await assert.rejects(openRepository(join(folder, 'none')).resolve('HEAD'), wrong)
})
