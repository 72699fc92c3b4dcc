import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { play } from '../rig/stage.ts'
import { ask, failuresByVersion, servedByVersion } from '../rig/traffic.ts'

describe('a change of configuration alone', () => {
  const on = play({ environments: environments('hello') })
  let digest: string | null | undefined

  it('is a new revision of the same digest, and no request fails', async () => {
    digest = (await on.plane.workload())?.digest
    const traffic = on.stage.traffic()
    await traffic.lasting(1)
    const commit = await on.project.configure({ environments: environments('welcome') })
    assert.equal(await on.plane.settled(commit), 'passed')
    const load = await traffic.stop()
    assert.deepEqual(failuresByVersion(load), {})
    assert.deepEqual(Object.keys(servedByVersion(load)).sort(), ['1 hello', '1 welcome'])
    assert.equal((await on.plane.workload())?.digest, digest)
    assert.deepEqual((await on.plane.api.run(commit))?.built, [])
  })

  it('goes back with a rollback, and holds no digest: the artifact is not to blame', async () => {
    const traffic = on.stage.traffic()
    const back = await on.plane.slipway('rollback', 'production', '--reason', 'too friendly')
    assert.equal(back.code, 0, back.err)
    await on.plane.until('the greeting before', async () => {
      const { version } = await ask({ port: on.plane.port, host: 'web.production' })
      return version === '1 hello' ? true : null
    })
    await on.plane.quiet()
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
    assert.equal((await on.plane.workload())?.digest, digest)
    assert.deepEqual((await on.plane.api.status()).holds, [])
  })
})

function environments(greeting: string) {
  return { production: { from: 'main', replicas: 2, env: { GREETING: greeting } } }
}
