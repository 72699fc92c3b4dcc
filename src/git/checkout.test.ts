import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { initRepository, openRepository } from './index.ts'

async function repositoryWith(t: TestContext, files: number) {
  const root = await mkdtemp(join(tmpdir(), 'slipway-git-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  const folder = join(root, 'repository')
  const repository = await initRepository(folder)
  for (let index = 0; index < files; index += 1) {
    if (index % 100 === 0) await mkdir(join(folder, `${index / 100}`), { recursive: true })
    await writeFile(join(folder, `${Math.floor(index / 100)}`, `file ${index}`), `${index}`)
  }
  const at = 1_700_000_000_000
  const commit = await repository.commitAll({ message: { subject: 'All' }, actor: 'ada', at })
  return { root, folder, repository, commit }
}

test('checkouts are made and removed side by side, and nothing of the repository changes', async (t) => {
  const { root, folder, repository, commit } = await repositoryWith(t, 3)
  const index = await readFile(join(folder, '.git/index'))
  await writeFile(join(folder, '0', 'file 1'), 'not committed')
  await Promise.all(
    Array.from({ length: 8 }, async (_, number) => {
      for (let round = 0; round < 3; round += 1) {
        const checkout = join(root, `${number}`, 'checkout')
        await repository.checkout(commit, checkout)
        assert.equal(await readFile(join(checkout, '0', 'file 1'), 'utf8'), '1')
        await writeFile(join(checkout, 'built'), 'left behind by a build')
        await repository.removeCheckout(checkout)
        assert.equal(existsSync(checkout), false)
      }
    }),
  )
  assert.deepEqual(await readFile(join(folder, '.git/index')), index)
  assert.equal(await readFile(join(folder, '0', 'file 1'), 'utf8'), 'not committed')
  assert.equal(existsSync(join(folder, '.git/worktrees')), false)
})

test('a checkout whose folder was deleted by hand can be removed and made again', async (t) => {
  const { root, repository, commit } = await repositoryWith(t, 1)
  const checkout = join(root, 'checkout')
  await repository.checkout(commit, checkout)
  await rm(checkout, { recursive: true })
  await repository.checkout(commit, checkout)
  await rm(checkout, { recursive: true })
  await repository.removeCheckout(checkout)
  await repository.removeCheckout(checkout)
})

test('a folder that holds something else is neither overwritten nor removed', async (t) => {
  const { root, repository, commit } = await repositoryWith(t, 1)
  const folder = join(root, 'mine')
  await mkdir(folder)
  await writeFile(join(folder, 'precious'), 'x')
  await assert.rejects(repository.checkout(commit, folder), { code: 'folder-in-use' })
  await assert.rejects(repository.removeCheckout(folder), { code: 'git-failed' })
  assert.equal(existsSync(join(folder, 'precious')), true)
  const elsewhere = join(root, 'elsewhere')
  const unknown = { code: 'unknown-commit' }
  await assert.rejects(repository.checkout('f'.repeat(40), elsewhere), unknown)
})

test('a checkout that is moved to another commit is as if it had just been made there', async (t) => {
  const { root, folder, repository, commit } = await repositoryWith(t, 8)
  await writeFile(join(folder, '0', 'file 1'), 'second')
  await rm(join(folder, '0', 'file 2'))
  await writeFile(join(folder, '.gitignore'), 'ignored\n')
  await writeFile(join(folder, 'run.sh'), '', { mode: 0o755 })
  const message = { subject: 'Second' }
  const second = await repository.commitAll({ message, actor: 'ada', at: 1_700_000_000_000 })
  const checkout = join(root, 'checkout')
  await repository.checkout(commit, checkout)
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: checkout })
  const misdeeds: readonly (() => unknown)[] = [
    () => undefined,
    () => writeFile(join(checkout, '0', 'file 3'), '9'),
    () => rm(join(checkout, '0'), { recursive: true }),
    () => mkdir(join(checkout, 'ignored/deep'), { recursive: true }),
    () => rm(join(checkout, '0', 'file 4')).then(() => mkdir(join(checkout, '0', 'file 4'))),
    () => chmod(join(checkout, '0', 'file 5'), 0o755),
    () => git('init', '--quiet', 'nested'),
    () => git('checkout', '--quiet', '-b', `side-${Math.random()}`),
    () => git('rm', '--quiet', '-r', '0'),
    () => {
      git('update-index', '--assume-unchanged', '0/file 6')
      return writeFile(join(checkout, '0', 'file 6'), 'x')
    },
    () => {
      git('update-index', '--skip-worktree', '0/file 7')
      return rm(join(checkout, '0', 'file 7'))
    },
    () => git('config', 'core.worktree', folder),
    () => git('config', 'core.trustctime', 'false'),
  ]
  for (const [number, misdeed] of misdeeds.entries()) {
    await misdeed()
    const to = number % 2 === 0 ? second : commit
    assert.equal(await repository.moveCheckout(to, checkout), true, `${number}`)
    const fresh = join(root, `fresh-${number}`)
    await repository.checkout(to, fresh)
    assert.deepEqual(await contentsOf(checkout), await contentsOf(fresh), `${number}`)
    assert.equal(await openRepository(checkout).resolve('HEAD'), to)
    assert.equal(await openRepository(checkout).headBranch(), null)
    assert.equal(`${git('status', '--porcelain')}`, '')
    await writeFile(join(checkout, 'left'), 'x')
    assert.equal(await repository.cleanCheckout(checkout), true)
    assert.deepEqual(await contentsOf(checkout), await contentsOf(fresh), `${number}`)
    await repository.removeCheckout(fresh)
  }
  await rm(join(checkout, '.git'))
  assert.equal(await repository.moveCheckout(commit, checkout), false)
  assert.equal(await repository.cleanCheckout(checkout), false)
})

/** Every file, folder and link with its mode and content, what git keeps for itself left out. */
async function contentsOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name !== '.git')
  const pairs = names.sort().map(async (name) => {
    const { mode } = await lstat(join(folder, name))
    const isFolder = (mode & 0o170000) === 0o040000
    return [name, `${mode} ${isFolder ? '' : await readFile(join(folder, name), 'utf8')}`]
  })
  return Object.fromEntries(await Promise.all(pairs))
}

test('a tree of 2,000 files is listed whole', async (t) => {
  const { repository, commit } = await repositoryWith(t, 2_000)
  const entries = await repository.listTree(commit)
  assert.equal(entries.length, 2_000)
  assert.equal(new Set(entries.map((entry) => entry.path)).size, 2_000)
  assert.equal((await repository.listTree(commit, ['7'])).length, 100)
})
