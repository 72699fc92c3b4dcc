import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { parseProject } from '../config/index.ts'
import { openRepository } from '../git/index.ts'
import { Pipeline } from './pipeline.ts'
import { processExecutor } from './process/index.ts'
import { Workplace } from './testing/workplace.ts'

const TEXT = `project: sample
services:
  web: { path: web, start: node server.js, build: { output: [server.js] }, env: { A: "1" } }
environments:
  dev: { from: main }
`

/** The project of HEAD as a new process would ask for it, and how often its file was parsed. */
async function projectOf(place: Workplace, build: string | null = 'build-1') {
  const file = `${place.repo}/slipway.yaml`
  let parsed = 0
  const pipeline = new Pipeline({
    repository: openRepository(dirname(file)),
    executor: processExecutor(),
    packager: place.packager(),
    secrets: { env: {}, folder: place.repo },
    build,
    folders: {
      cache: place.file('cache'),
      runs: place.file('runs'),
      checkouts: place.file('checkouts'),
    },
  })
  const parse = async (text: string) => {
    parsed++
    const result = parseProject(text, file)
    assert.ok('project' in result)
    return result.project
  }
  const { project, commit } = await pipeline.projectAt('HEAD', { file, parse })
  return { project, commit, parsed }
}

test('a file that did not change is not parsed again, whatever else did', async () => {
  await using place = await Workplace.make()
  await place.commit({ 'slipway.yaml': TEXT, 'web/server.js': '1' })
  const first = await projectOf(place)
  assert.equal(first.parsed, 1)
  const commit = await place.commit({ 'web/server.js': '2' })
  assert.deepEqual(await projectOf(place), { project: first.project, commit, parsed: 0 })
  assert.equal((await projectOf(place, 'build-2')).parsed, 1, 'another build may read it otherwise')
  assert.equal((await projectOf(place, null)).parsed, 1)
  await place.commit({ 'slipway.yaml': TEXT.replace('sample', 'other') })
  const changed = await projectOf(place)
  assert.deepEqual([changed.parsed, changed.project.name], [1, 'other'])
})

test('a damaged memory of the project is found out and not believed', async () => {
  await using place = await Workplace.make()
  await place.commit({ 'slipway.yaml': TEXT })
  const { project } = await projectOf(place)
  const memory = place.file('cache/project.json')
  const written = await readFile(memory, 'utf8')
  for (const damaged of [
    written.replace('"server.js"', '"server.ts"'),
    written.slice(0, 200),
    '',
  ]) {
    await writeFile(memory, damaged)
    const again = await projectOf(place)
    assert.deepEqual([again.parsed, again.project], [1, project])
    assert.equal((await projectOf(place)).parsed, 0)
  }
})

test('a commit or a file that is not there is told', async () => {
  await using place = await Workplace.make()
  await assert.rejects(projectOf(place), { code: 'unknown-commit' })
  await place.commit({ readme: '1' })
  await assert.rejects(projectOf(place), { code: 'not-committed' })
})
