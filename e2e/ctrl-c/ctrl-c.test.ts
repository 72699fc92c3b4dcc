import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { Running } from '../../src/demo/process.ts'
import { Stage } from '../rig/stage.ts'

describe('Ctrl-C', () => {
  let stage: Stage
  before(async () => {
    stage = await Stage.open({
      services: { web: {}, api: {} },
      environments: { production: { from: 'main', strategy: 'rolling', replicas: 2 } },
    })
  })
  after(() => stage?.close())

  /** Processes that work in or below the story's folder, those of the two programs left out. */
  function children(): readonly string[] {
    const { folder, node, serve } = stage.plane
    const own = [String(node.pid), String(serve.pid)]
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && !own.includes(name))
      .filter((pid) => mentions(pid, folder))
  }

  async function interrupt(running: Running): Promise<void> {
    running.kill('SIGINT')
    await running.ended
  }

  it('ends serve in the middle of a run, and the steps of it', async () => {
    const { plane } = stage
    const instances = children().length
    assert.equal(instances, 4)
    const slow = { pipeline: { slow: { run: 'sleep 300 & sleep 300', before: 'build' } } }
    const commit = await stage.project.configure({ more: slow })
    await plane.until('the slow step', async () => {
      return (await plane.api.run(commit))?.status === 'running' && children().length > instances
        ? true
        : null
    })
    await interrupt(plane.serve)
    assert.equal(children().length, instances)
    assert.equal(existsSync(plane.home.serveSocket), false)
    const said = await plane.slipway('status')
    assert.equal(said.code, 3)
    assert.match(said.err, /nothing answers at .*serve\.sock: start `slipway serve`/)
  })

  it('ends the node and every instance', async () => {
    const { plane } = stage
    await interrupt(plane.node)
    assert.deepEqual(children(), [])
    assert.equal(existsSync(plane.home.nodeSocket), false)
  })

  it('leaves no lock: both start again and go on', async () => {
    const { plane, project } = stage
    await plane.startNode()
    await plane.startServe()
    await project.configure({ more: {} })
    const second = await project.send('web', { version: '2' })
    assert.equal(await plane.settled(second), 'passed')
  })
})

/** Whether a process has the folder in its working folder, arguments or environment; false: it is gone, or not ours. */
function mentions(pid: string, folder: string): boolean {
  try {
    return ['environ', 'cmdline'].some((file) =>
      readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(folder),
    )
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}
