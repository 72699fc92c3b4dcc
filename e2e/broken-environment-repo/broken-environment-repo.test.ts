import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { EnvironmentClone } from '../rig/environment-clone.ts'
import { Stage } from '../rig/stage.ts'
import { failuresByVersion } from '../rig/traffic.ts'

const FILE = 'production/web.yaml'

describe('a commit in the environment repo that nobody can read', () => {
  let stage: Stage
  let clone: EnvironmentClone
  let good: string
  before(async () => {
    stage = await Stage.open({
      environments: { production: { from: 'main', strategy: 'rolling', replicas: 1 } },
    })
    clone = await EnvironmentClone.of(stage.plane)
    good = clone.read(FILE)
  })
  after(() => stage?.close())

  function untilUnreadable(): Promise<string> {
    return stage.plane.until('word of the broken commit', async () => {
      return (await stage.plane.environment()).error
    })
  }

  it('is told with its place, and what runs stays', async () => {
    const traffic = stage.traffic('web', 50)
    const before = await stage.plane.workload()
    await clone.push(FILE, `${good}replica: 3\n`)
    const line = good.split('\n').length
    assert.match(await untilUnreadable(), new RegExp(`^${FILE}:${line}:1: .*replica`, 'm'))
    const said = await stage.plane.slipway('status', 'production')
    assert.equal(said.code, 0)
    assert.match(
      said.out,
      new RegExp(`the environment repo cannot be read: .*${FILE}:${line}:1`, 's'),
    )
    await clone.push(FILE, '')
    await stage.plane.until('word of the empty file', async () => {
      const { error } = await stage.plane.environment()
      return error?.includes(`${FILE}:1:1`) ? error : null
    })
    assert.deepEqual((await stage.plane.workload())?.pids, before?.pids)
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
  })

  it('does not stop a rollout that is under way, not even when serve is killed', async () => {
    const { plane, project } = stage
    await clone.push(FILE, good)
    const second = await project.send('web', { version: '2', slowStartMs: 3000 })
    await plane.untilRollout(second, 'the start', () => true)
    await clone.pull()
    good = clone.read(FILE)
    await clone.push(FILE, `${good}replica: 3\n`)
    await untilUnreadable()
    plane.serve.kill('SIGKILL')
    await plane.serve.ended
    await plane.startServe()
    assert.equal(await plane.settled(second), 'passed')
    const environment = await plane.environment()
    assert.match(environment.error ?? '', /replica/)
    assert.equal(environment.workloads[0]?.version, second.slice(0, 12))
  })

  it('gives way to the next good commit without a person', async () => {
    const commit = await clone.push(FILE, good.replace('replicas: 1', 'replicas: 2'))
    const workload = await stage.plane.until('two instances', async () => {
      const found = await stage.plane.workload()
      return found?.ready === 2 ? found : null
    })
    assert.equal(workload.replicas, 2)
    const environment = await stage.plane.environment()
    assert.deepEqual([environment.error, environment.commit], [null, commit])
  })
})
