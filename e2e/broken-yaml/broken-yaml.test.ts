import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Stage } from '../rig/stage.ts'
import { failuresByVersion } from '../rig/traffic.ts'

describe('a commit whose slipway.yaml is broken', () => {
  let stage: Stage
  let good: string
  before(async () => {
    stage = await Stage.open({
      environments: { production: { from: 'main', strategy: 'rolling' } },
    })
    good = readFileSync(join(stage.project.folder, 'slipway.yaml'), 'utf8')
  })
  after(() => stage?.close())

  async function failureOf(commit: string): Promise<string> {
    const run = await stage.plane.until('the end of the run', async () => {
      const found = await stage.plane.api.run(commit)
      return found?.status === 'running' ? null : found
    })
    assert.equal(run.status, 'failed')
    return run.reason
  }

  it('fails its run with each place and fault, and changes nothing that runs', async () => {
    const traffic = stage.traffic('web', 50)
    const tip = await stage.plane.environmentGit('rev-parse', 'main')
    const unknown = await stage.project.write('slipway.yaml', `enviroments: {}\n${good}`)
    assert.match(await failureOf(unknown), /slipway\.yaml:1:1: .*enviroments.*environments/)
    const torn = await stage.project.write('slipway.yaml', `${good}more: [1, 2\n`)
    const line = good.split('\n').length + 1
    assert.match(await failureOf(torn), new RegExp(`slipway\\.yaml:${line}:1: `))
    const said = await stage.plane.slipway('status')
    assert.equal(said.code, 0)
    assert.match(
      said.out,
      new RegExp(`last run: ${torn.slice(0, 12)} failed.*slipway\\.yaml:\\d`, 's'),
    )
    const load = await traffic.stop()
    assert.deepEqual(failuresByVersion(load), {})
    assert.equal(await stage.plane.environmentGit('rev-parse', 'main'), tip)
    assert.equal((await stage.plane.workload())?.version, stage.first.slice(0, 12))
  })

  it('does not keep serve from starting again: the last good release says what runs', async () => {
    await stage.plane.serve.stop()
    await stage.plane.startServe()
    const environment = await stage.plane.environment()
    assert.equal(environment.release, stage.first.slice(0, 12))
    assert.match(stage.plane.log('serve'), /slipway\.yaml:\d+:1: /)
  })

  it('gives way to the next good commit', async () => {
    await stage.project.configure({})
    const second = await stage.project.send('web', { version: '2' })
    assert.equal(await stage.plane.settled(second), 'passed')
    assert.equal((await stage.plane.workload())?.version, second.slice(0, 12))
  })
})
