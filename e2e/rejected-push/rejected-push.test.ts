import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Stage } from '../rig/stage.ts'
import { failuresByVersion } from '../rig/traffic.ts'

const WORDS = 'the freeze ends on Monday'

describe('an environment repo that declines pushes', () => {
  let stage: Stage
  let hook: string
  let second: string
  before(async () => {
    stage = await Stage.open({
      environments: { production: { from: 'main', strategy: 'rolling' } },
    })
    const hooks = join(stage.plane.home.environmentRepo, 'hooks')
    mkdirSync(hooks, { recursive: true })
    hook = join(hooks, 'pre-receive')
  })
  after(() => stage?.close())

  it('stops a promotion with the words of the remote, and nothing changes', async () => {
    const { plane, project } = stage
    const tip = await plane.environmentGit('rev-parse', 'main')
    const before = await plane.workload()
    const traffic = stage.traffic('web', 50)
    writeFileSync(hook, `#!/bin/sh\necho "${WORDS}" >&2\nexit 1\n`, { mode: 0o755 })
    second = await project.send('web', { version: '2' })
    await plane.until('word of the declined push', async () => {
      return plane.log('serve').includes(WORDS) ? true : null
    })
    const said = await plane.slipway('promote', 'production')
    assert.equal(said.code, 3)
    assert.match(said.err, new RegExp(`^slipway: .*${WORDS}`, 's'))
    assert.equal(await plane.environmentGit('rev-parse', 'main'), tip)
    assert.equal(await plane.api.passage('production', second), null)
    assert.deepEqual((await plane.workload())?.pids, before?.pids)
    assert.deepEqual(failuresByVersion(await traffic.stop()), {})
  })

  it('goes on by itself once the remote takes them', async () => {
    rmSync(hook)
    assert.equal(await stage.plane.settled(second), 'passed')
    assert.equal((await stage.plane.workload())?.version, second.slice(0, 12))
  })
})
