import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { play, type Stage } from '../rig/stage.ts'
import { failuresByVersion, servedByVersion } from '../rig/traffic.ts'

/** Tells its process id and does not end, in a commit that says so. */
const HANG = 'test ! -e hang || { sleep 300 & echo $! > "$(cat hang)"; wait; }'

describe('a check that hangs', () => {
  const on = play({
    environments: {
      production: { from: 'main', strategy: 'blue-green', replicas: 1, verify: ['smoke'] },
    },
    more: { pipeline: { smoke: { run: HANG, cache: false } } },
  })

  it('ends with serve, begins again with the next, and ends when a person goes back', async () => {
    const { plane, project, stage } = on
    const traffic = stage.traffic()
    writeFileSync(join(project.folder, 'hang'), pidFile(stage))
    const commit = await project.send('web', { version: '2' })
    const first = await hanging(on.stage, null)
    plane.serve.kill('SIGINT')
    await plane.serve.ended
    assert.ok(!isRunning(first), 'the check outlived serve')

    await plane.startServe()
    const second = await hanging(on.stage, first)
    const said = await plane.slipway('rollback', 'production', '--reason', 'it hangs')
    assert.equal(said.code, 0, said.err)
    assert.equal(await plane.settled(commit), 'rolled-back')
    await plane.until('the end of the check', async () => (isRunning(second) ? null : true))
    const load = await traffic.stop()
    assert.deepEqual(failuresByVersion(load), {})
    assert.deepEqual(Object.keys(servedByVersion(load)), ['1'])
    assert.match((await plane.rollout(commit))?.reason ?? '', /it hangs/)
  })
})

function pidFile({ scratch }: Stage): string {
  return join(scratch, 'pid')
}

/** Waits for another process than that one; returns its id. */
function hanging(stage: Stage, than: number | null): Promise<number> {
  return stage.plane.until('the check', async () => {
    const pid = existsSync(pidFile(stage)) ? Number(readFileSync(pidFile(stage), 'utf8')) : 0
    return pid !== 0 && pid !== than ? pid : null
  })
}

/** A process that was ended but not yet waited for by its parent runs no more. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('cat', [`/proc/${pid}/stat`], { encoding: 'utf8' })
  return stdout !== '' && !stdout.includes(') Z ')
}
