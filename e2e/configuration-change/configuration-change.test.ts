import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Stage } from '../rig/stage.ts'
import { failuresByVersion, servedByVersion } from '../rig/traffic.ts'

const ENVIRONMENTS = { production: { from: 'main', strategy: 'rolling', replicas: 2 } }

describe('a commit that changes a value of the environment only', () => {
  let stage: Stage
  let second: string
  before(async () => {
    stage = await Stage.open({
      services: { web: { env: { GREETING: 'hello' } }, api: {} },
      environments: ENVIRONMENTS,
    })
  })
  after(() => stage?.close())

  /** Waits until nothing but this value answers. */
  async function untilGreeting(greeting: string): Promise<void> {
    await stage.plane.until(`the greeting ${greeting} alone`, async () => {
      const traffic = stage.traffic('web', 50)
      await traffic.lasting(0.5)
      const load = await traffic.stop()
      assert.deepEqual(failuresByVersion(load), {})
      return Object.keys(servedByVersion(load)).join() === `1 ${greeting}` ? true : null
    })
  }

  it('is a new revision of the same artifact, rolled out without a failed request', async () => {
    const { plane, project } = stage
    const before = await plane.workload()
    const bystander = await plane.workload('api')
    const traffic = stage.traffic()
    second = await project.configure({ services: { web: { env: { GREETING: 'hi' } }, api: {} } })
    assert.equal(await plane.settled(second), 'passed')
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
    const now = await plane.workload()
    assert.equal(now?.digest, before?.digest)
    assert.notDeepEqual(now?.pids, before?.pids)
    assert.deepEqual((await plane.workload('api'))?.pids, bystander?.pids)
    assert.deepEqual((await plane.api.run(second))?.built, [])
    await untilGreeting('hi')
  })

  it('goes back with slipway rollback, and the artifact is not held for it', async () => {
    const { plane } = stage
    const traffic = stage.traffic()
    const said = await plane.slipway('rollback', 'production', '--reason', 'too short')
    assert.equal(said.code, 0, said.err)
    await untilGreeting('hello')
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
    assert.deepEqual((await plane.api.status()).holds, [])
    assert.match(await plane.environmentGit('log', '-1', '--format=%B', 'main'), /too short/)
  })

  it('can be made anew', async () => {
    const third = await stage.project.configure({
      services: { web: { env: { GREETING: 'good-day' } }, api: {} },
    })
    assert.equal(await stage.plane.settled(third), 'passed')
    await untilGreeting('good-day')
  })
})
