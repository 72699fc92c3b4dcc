import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { QUICK } from '../rig/project.ts'
import { play, Stage } from '../rig/stage.ts'
import { failuresByVersion, servedByVersion } from '../rig/traffic.ts'

describe('shadow', () => {
  const on = play(
    {
      environments: {
        production: {
          from: 'main',
          strategy: { shadow: { percent: 50, for: '2s' } },
          replicas: 1,
          analysis: QUICK,
        },
      },
    },
    async (options) => {
      const stage = await Stage.prepare(options)
      await stage.project.configure({ services: { web: { env: { SEEN: seen(stage) } } } })
      return stage.begin()
    },
  )

  it('gives a bad version copies alone: it is rolled back, and no client has met it', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(3)
    const commit = await on.project.send('web', { version: '2', failShare: 0.5 })
    assert.equal(await on.plane.settled(commit), 'rolled-back')
    const load = await traffic.stop()
    assert.deepEqual(Object.keys(servedByVersion(load)), ['1'])
    assert.deepEqual(failuresByVersion(load), {})
    const copies = readFileSync(seen(on.stage), 'utf8').match(/^2 \//gm) ?? []
    assert.ok(copies.length > 0, 'copies reached version 2')
  })

  it('lets a good version take over, and no request fails', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(1)
    const commit = await on.project.send('web', { version: '3' })
    assert.equal(await on.plane.settled(commit), 'passed')
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
    const rollout = await on.plane.rollout(commit)
    assert.deepEqual(
      rollout?.steps.map(({ name }) => name),
      ['mirror 50 %', '100 %'],
    )
  })
})

/** The file in which every instance notes which requests it got. */
function seen({ scratch }: Stage): string {
  return join(scratch, 'seen')
}
