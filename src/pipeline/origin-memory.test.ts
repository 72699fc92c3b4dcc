import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { openRepository } from '../git/index.ts'
import { OriginMemory } from './origin-memory.ts'
import { Workplace } from './testing/workplace.ts'

const GLOBS = [['a/**', 'shared.json'], ['b/**'], ['b/*.{ts,js}'], ['nothing/**']]

/** Asks with the memory of earlier questions and without any; both must say what git says. */
async function origins(place: Workplace, commit: string): Promise<readonly string[]> {
  const repository = openRepository(place.repo)
  const ask = async (memory: string) => {
    const known = await OriginMemory.open({ repository, commit, prefix: async () => '', memory })
    const answers = await Promise.all(GLOBS.map((each) => known.get(each)))
    await known.save()
    return answers.map((answer) => answer.commit)
  }
  const remembered = await ask(place.file('origins.json'))
  assert.deepEqual(remembered, await ask(place.file('fresh.json')))
  await rm(place.file('fresh.json'), { force: true })
  const folders = [['a', 'shared.json'], ['b'], ['b/*.ts', 'b/*.js'], ['nothing']]
  const asked = folders.map((paths) => repository.lastCommitTouching(commit, paths))
  const found = await Promise.all(asked)
  assert.deepEqual(
    remembered,
    found.map((each) => each ?? commit),
  )
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

test('through merges origins are those that git finds, whichever side a change came from', async () => {
  await using place = await Workplace.make()
  const git = (...args: readonly string[]) => {
    const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
    return execFileSync('git', [...who, ...args], { cwd: place.repo, encoding: 'utf8' }).trim()
  }
  const merge = (branch: string, ...how: readonly string[]) => {
    git('merge', '--quiet', '--no-ff', '--no-edit', ...how, branch)
    return git('rev-parse', 'HEAD')
  }
  await place.commit({ 'a/x.ts': '1', 'b/x.ts': '1', 'shared.json': '1' })
  git('switch', '--quiet', '--create', 'side')
  const onSide = await place.commit({ 'a/x.ts': '2' })
  git('switch', '--quiet', 'main')
  const onMain = await place.commit({ 'b/x.ts': '2' })
  const merged = merge('side')
  assert.deepEqual(await origins(place, merged), [onSide, onMain, onMain, merged])
  git('switch', '--quiet', 'side')
  await place.commit({ 'b/x.ts': '3', 'a/y.ts': '1' })
  git('switch', '--quiet', 'main')
  await place.commit({ 'b/x.ts': '4' })
  const conflicted = merge('side', '--strategy-option=ours')
  await origins(place, conflicted)
  const kept = merge('side~1', '--strategy=ours', '--allow-unrelated-histories')
  await origins(place, kept)
  await place.commit({ 'c/z': '1' })
  await origins(place, git('rev-parse', 'HEAD'))
})

test('what lies further back than all questions look together is asked for one by one', async () => {
  await using place = await Workplace.make()
  const first = await place.commit({ 'a/x.ts': '1' })
  const commits = Array.from({ length: 70 }, (_, i) => {
    const from = i === 0 ? `from ${first}\n` : ''
    const head = `commit refs/heads/main\ncommitter Ada <ada@example.com> ${1_800_000_000 + i} +0000\n`
    return `${head}data 6\nChange\n${from}M 100644 inline b/x.ts\ndata 2\n${10 + i}\n`
  })
  execFileSync('git', ['fast-import', '--quiet'], { cwd: place.repo, input: commits.join('') })
  const repository = openRepository(place.repo)
  const commit = (await repository.resolve('HEAD'))!
  assert.deepEqual(await origins(place, commit), [first, commit, commit, commit])
})
