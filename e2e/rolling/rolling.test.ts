import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectNode } from '../../src/node/index.ts'
import { play, type Stage } from '../rig/stage.ts'
import { failuresByVersion } from '../rig/traffic.ts'

describe('rolling', () => {
  const on = play({
    environments: {
      production: {
        from: 'main',
        strategy: { rolling: { maxSurge: 1, maxUnavailable: 0 } },
        replicas: 3,
      },
    },
  })

  it('replaces three slow starters one by one, never with fewer than three ready', async () => {
    const traffic = on.stage.traffic()
    await traffic.lasting(1)
    const watched = new AbortController()
    const least = leastReady(on.stage, watched.signal)
    const commit = await on.project.send('web', { version: '2', slowStartMs: 500 })
    assert.equal(await on.plane.settled(commit), 'passed')
    watched.abort()
    assert.equal(await least, 3)
    const load = await traffic.stop()
    assert.deepEqual(failuresByVersion(load), {})
    const { steps } = (await on.plane.rollout(commit))!
    assert.deepEqual(
      steps.map(({ name }) => name),
      ['0 of 3', '1 of 3', '2 of 3', '3 of 3'],
    )
  })
})

/** Fewest ready instances that were ever seen until the signal. */
async function leastReady({ plane }: Stage, signal: AbortSignal): Promise<number> {
  const node = connectNode(plane.home.nodeSocket)
  let least = Number.POSITIVE_INFINITY
  while (!signal.aborted) {
    const { instances } = await node.platform.observe({ environment: 'production', service: 'web' })
    least = Math.min(least, instances.filter(({ state }) => state === 'ready').length)
    await sleep(20)
  }
  await node.close()
  return least
}
