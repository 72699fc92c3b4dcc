import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { StepCache } from './cache.ts'
import { graphOf } from './graph.ts'
import { project, userStep } from './testing/projects.ts'

async function withCache(work: (cache: StepCache, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-cache-'))
  try {
    await work(new StepCache(join(folder, 'cache')), folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function save(cache: StepCache, root: string, key: string): Promise<void> {
  const step = graphOf(project({ steps: [userStep('make', { outputs: ['out'] })] })).steps[0]!
  await mkdir(join(root, 'out'), { recursive: true })
  await writeFile(join(root, 'out/file'), 'x'.repeat(10_000))
  await cache.save({ key, step, log: 'log', root, others: [], value: null, seconds: 1 })
}

test('pruning takes what was not used for longest', async () => {
  await withCache(async (cache, folder) => {
    for (const [age, key] of ['new', 'old', 'older'].entries()) {
      await save(cache, folder, key)
      const at = Date.now() / 1000 - age * 100
      for (const part of ['manifest', 'log', 'content']) {
        await utimes(join(folder, 'cache/entries', key, part), at, at)
      }
    }
    cache.touch('older')
    await cache.prune(25_000)
    assert.deepEqual([...(await cache.keys())].sort(), ['new', 'older'])
  })
})

test('an entry that cannot be written is an error that says so, and leaves nothing', async () => {
  await withCache(async (cache, folder) => {
    await mkdir(join(folder, 'cache'))
    await writeFile(join(folder, 'cache/entries'), 'a file where the folder should be')
    await assert.rejects(save(cache, folder, 'key'), {
      code: 'cache-not-written',
      fault: 'outside',
    })
    await rm(join(folder, 'cache/entries'))
    assert.deepEqual([...(await cache.keys())], [])
  })
})
