import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { play, Stage } from '../rig/stage.ts'
import { ask, failuresByVersion, servedByVersion } from '../rig/traffic.ts'

/** How long after it was due a client that is short of processor time may send a request. */
const LATE_MS = 500

describe('recreate', () => {
  const on = play(
    { environments: { production: { from: 'main', strategy: 'recreate', replicas: 1 } } },
    async (options) => {
      const stage = await Stage.prepare(options)
      const env = { ALONE: join(stage.scratch, 'alone') }
      await stage.project.configure({ services: { web: { env } } })
      return stage.begin()
    },
  )

  it('never runs two versions, and requests fail only in the gap, which is told', async (t) => {
    const traffic = on.stage.traffic()
    await traffic.lasting(1)
    const commit = await on.project.send('web', { version: '2' })
    assert.equal(await on.plane.settled(commit), 'passed')
    const failed = traffic.snapshot().failed
    await traffic.lasting(1)
    const load = await traffic.stop()

    const { steps } = (await on.plane.rollout(commit))!
    assert.deepEqual(
      steps.map(({ name }) => name),
      ['stop the old version', 'start the new version', '100 %'],
    )
    const [from, to] = [steps[0]!.startedAt, steps.at(-1)!.endedAt ?? 0]
    const outside = load.failures.filter(({ dueAt }) => dueAt < from - LATE_MS || dueAt > to)
    assert.deepEqual(outside, [])
    assert.equal(load.failed, failed, 'nothing fails once it is over')
    assert.deepEqual(Object.keys(failuresByVersion(load)), ['none'], 'no instance failed a request')
    assert.deepEqual(Object.keys(servedByVersion(load)).toSorted(), ['1', '2', 'none'])
    const { restarts } = (await on.plane.workload())!
    assert.equal(restarts, 0, 'a second process ends at once, and would have been started again')
    t.diagnostic(`the gap was ${to - from} ms, in it ${load.failed} requests failed`)
  })

  it('goes back the same way', async () => {
    const commit = (await on.project.git('rev-parse', 'HEAD')).trim()
    const said = await on.plane.slipway('rollback', 'production')
    assert.equal(said.code, 0, said.err)
    assert.equal(await on.plane.settled(commit), 'rolled-back')
    await on.plane.until('version 1', async () => {
      const { version } = await ask({ port: on.plane.port, host: 'web.production' })
      return version === '1' ? version : null
    })
    await on.plane.quiet()
    assert.equal((await on.plane.workload())!.restarts, 0)
  })
})
