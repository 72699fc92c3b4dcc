import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { cloneBare, initBare, initRepository, type Repository } from './index.ts'

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-git-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function change(
  clone: Repository,
  parent: string | null,
  changes: Record<string, string | null>,
): Promise<string> {
  return clone.commitTree({
    parent,
    changes: new Map(Object.entries(changes)),
    message: { subject: 'Change', trailers: [{ key: 'Actor', value: 'ada@example.com' }] },
    actor: 'ada@example.com',
    at: 1_700_000_000_999,
  })
}

async function paths(repository: Repository, commit: string): Promise<readonly string[]> {
  return (await repository.listTree(commit)).map((entry) => entry.path)
}

test('commits made without a work tree reach the remote and come back', async (t) => {
  const root = await scratch(t)
  const remote = await initBare(join(root, 'remote.git'))
  const clone = await cloneBare(join(root, 'remote.git'), join(root, 'clone.git'))
  assert.equal(await clone.resolve('refs/remotes/origin/main'), null)
  const first = await change(clone, null, { 'a b/ä': 'one', 'line\nbreak': 'two' })
  assert.deepEqual(await clone.push(first, 'main'), { status: 'pushed' })
  const second = await change(clone, first, { 'a b/ä': null, c: 'three' })
  assert.deepEqual(await clone.push(second, 'main'), { status: 'pushed' })
  assert.equal(await remote.resolve('main'), second)
  assert.deepEqual(await paths(remote, second), ['c', 'line\nbreak'])
  const commit = await remote.commit(second)
  assert.deepEqual(commit.parents, [first])
  assert.equal(commit.author, 'ada')
  assert.equal(commit.authorEmail, 'ada@example.com')
  assert.equal(commit.committedAt, 1_700_000_000)
  const other = await cloneBare(join(root, 'remote.git'), join(root, 'other.git'))
  assert.equal(await other.resolve('refs/remotes/origin/main'), second)
})

test('the slower of two pushes is rejected and lands on top after a fetch', async (t) => {
  const root = await scratch(t)
  const remote = await initBare(join(root, 'remote.git'))
  const ada = await cloneBare(join(root, 'remote.git'), join(root, 'ada.git'))
  const bob = await cloneBare(join(root, 'remote.git'), join(root, 'bob.git'))
  await ada.push(await change(ada, null, { a: '1' }), 'main')
  const late = await bob.push(await change(bob, null, { b: '1' }), 'main')
  assert.equal(late.status, 'rejected')
  await bob.fetch()
  const tip = await bob.resolve('refs/remotes/origin/main')
  const again = await change(bob, tip, { b: '1' })
  assert.equal((await bob.push(again, 'main')).status, 'pushed')
  assert.deepEqual(await paths(remote, again), ['a', 'b'])
})

test('a path that would leave the tree is refused', async (t) => {
  const root = await scratch(t)
  await initBare(join(root, 'remote.git'))
  const clone = await cloneBare(join(root, 'remote.git'), join(root, 'clone.git'))
  for (const path of ['../outside', 'a/.GIT/hooks/x', '/absolute', 'a//b', '']) {
    await assert.rejects(change(clone, null, { [path]: 'x' }), { code: 'bad-name' })
  }
})

test('a hook that declines is an error with the words of the hook', async (t) => {
  const root = await scratch(t)
  await initBare(join(root, 'remote.git'))
  const hook = join(root, 'remote.git/hooks/pre-receive')
  await mkdir(join(root, 'remote.git/hooks'), { recursive: true })
  await writeFile(hook, '#!/bin/sh\necho "production is frozen until Monday" >&2\nexit 1\n')
  await chmod(hook, 0o755)
  const clone = await cloneBare(join(root, 'remote.git'), join(root, 'clone.git'))
  await assert.rejects(clone.push(await change(clone, null, { a: '1' }), 'main'), {
    code: 'push-declined',
    retry: 'never',
    message: /production is frozen until Monday\n.*pre-receive hook declined/,
  })
})

test('a remote that is gone, refuses connections or is not named plainly', async (t) => {
  const root = await scratch(t)
  await initBare(join(root, 'remote.git'))
  const clone = await cloneBare(join(root, 'remote.git'), join(root, 'clone.git'))
  const commit = await change(clone, null, { a: '1' })
  await rm(join(root, 'remote.git'), { recursive: true })
  const gone = { code: 'remote-not-found', retry: 'later' }
  await assert.rejects(clone.fetch(), gone)
  await assert.rejects(clone.push(commit, 'main'), gone)

  const closed = `http://ada:s3cret@127.0.0.1:${await closedPort()}/repo.git`
  await assert.rejects(cloneBare(closed, join(root, 'http.git')), (error: Error) => {
    assert.match(error.message, /^git fetch in .* failed/)
    assert.doesNotMatch(error.message, /s3cret/)
    return 'code' in error && error.code === 'remote-unreachable'
  })
  for (const url of ['--upload-pack=touch x', 'ext::sh -c true', '']) {
    await assert.rejects(cloneBare(url, join(root, 'bad.git')), { code: 'bad-name' })
  }
})

test('a ref is set only from what it was expected to be', async (t) => {
  const folder = await scratch(t)
  const repository = await initRepository(folder)
  const first = await change(repository, null, { a: '1' })
  const second = await change(repository, first, { a: '2' })
  assert.equal(await repository.updateRef('refs/heads/x', first, null), true)
  assert.equal(await repository.updateRef('refs/heads/x', second, null), false)
  assert.equal(await repository.updateRef('refs/heads/x', second, second), false)
  assert.equal(await repository.resolve('refs/heads/x'), first)
  assert.equal(await repository.updateRef('refs/heads/x', second, first), true)
  assert.equal(await repository.resolve('refs/heads/x'), second)
})

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}
