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
    assert.ok(requestsTo('2').length > 0, 'copies reached version 2')
    assert.equal((await on.plane.rollout(commit))?.verdict?.verdict, 'rollback')
  })

  it('shows a good version to nobody before it takes over, which it does on evidence', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(1)
    const commit = await on.project.send('web', { version: '3' })
    const mirroring = await on.plane.until('a mirror', async () => {
      const copies = requestsTo('3')
      const answered = servedByVersion(traffic.snapshot())
      // The phase is looked at last, so that what was seen before belongs to it.
      const rollout = await on.plane.rollout(commit)
      return copies.length > 20 ? { copies, answered, phase: rollout?.phase } : null
    })
    assert.equal(mirroring.phase, 'progressing')
    assert.deepEqual(Object.keys(mirroring.answered), ['1'])
    assert.deepEqual(mirroring.copies.filter(isWrite), [], 'what changes something is not copied')

    assert.equal(await on.plane.settled(commit), 'passed')
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
    assert.ok(requestsTo('3').some(isWrite), 'it serves clients now')
    const { steps } = (await on.plane.rollout(commit))!
    assert.deepEqual(
      steps.map(({ name }) => name),
      ['mirror 50 %', '100 %'],
    )
    assert.equal(steps[0]?.verdict?.verdict, 'promote')
  })

  /** What a version was sent, `3 /read`, whoever got the answer. */
  function requestsTo(version: string): readonly string[] {
    const lines = readFileSync(seen(on.stage), 'utf8').split('\n')
    return lines.filter((line) => line.startsWith(`${version} `))
  }
})

function isWrite(line: string): boolean {
  return line.endsWith('/write')
}

/** The file in which every instance notes which requests it got. */
function seen({ scratch }: Stage): string {
  return join(scratch, 'seen')
}
