import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask, endpoint, named, split, startBackend, startHolding, startRig, until } from './rig.ts'

describe('an instance that leaves', () => {
  for (const [how, state] of [['drains', 'draining'] as const, ['is gone', null] as const]) {
    it(`${how}: gets no new request and finishes what it has`, async (t) => {
      const rig = await startRig(t)
      const leaving = await startHolding(t, 'leaving')
      const staying = await startBackend(t, named('staying'))
      const instance = `one-${leaving.port}`
      rig.edge.update(rig.workload, [endpoint('one', leaving.port)])
      await rig.edge.setSplit(rig.workload, split({ one: 100 }))
      const slow = ask(rig)
      await until(() => rig.edge.inFlight(instance) === 1)
      const left = state === null ? [] : [endpoint('one', leaving.port, { state })]
      rig.edge.update(rig.workload, [endpoint('one', staying.port), ...left])
      for (let i = 0; i < 5; i++) assert.equal((await ask(rig)).body, 'staying')
      assert.equal(rig.edge.inFlight(instance), 1)
      leaving.release()
      assert.equal((await slow).body, 'leaving')
      await until(() => rig.edge.inFlight(instance) === 0)
      for (let i = 0; i < 5; i++) assert.equal((await ask(rig)).body, 'staying')
    })
  }

  it('finishes what it has when its workload is removed', async (t) => {
    const rig = await startRig(t)
    const { port, release } = await startHolding(t, 'done')
    rig.edge.update(rig.workload, [endpoint('one', port)])
    await rig.edge.setSplit(rig.workload, split({ one: 100 }))
    const slow = ask(rig)
    await until(() => rig.edge.inFlight(`one-${port}`) === 1)
    await rig.edge.remove(rig.workload)
    assert.equal((await ask(rig)).status, 404)
    assert.equal(rig.edge.inFlight(`one-${port}`), 1)
    release()
    assert.equal((await slow).body, 'done')
    await until(() => rig.edge.inFlight(`one-${port}`) === 0)
  })

  it('may come back', async (t) => {
    const rig = await startRig(t)
    const { port } = await startBackend(t, named('one'))
    rig.edge.update(rig.workload, [endpoint('one', port)])
    await rig.edge.setSplit(rig.workload, split({ one: 100 }))
    assert.equal((await ask(rig)).status, 200)
    rig.edge.update(rig.workload, [endpoint('one', port, { state: 'draining' })])
    assert.equal((await ask(rig)).status, 503)
    rig.edge.update(rig.workload, [endpoint('one', port)])
    assert.equal((await ask(rig)).status, 200)
  })
})

describe('closing the edge', () => {
  it('finishes what is under way, takes nothing new, and closes connections', async (t) => {
    const rig = await startRig(t)
    const { port, release } = await startHolding(t, 'done')
    rig.edge.update(rig.workload, [endpoint('one', port)])
    await rig.edge.setSplit(rig.workload, split({ one: 100 }))
    const slow = ask(rig)
    await until(() => rig.edge.inFlight(`one-${port}`) === 1)
    const closed = rig.edge.close({ drainSeconds: 30 })
    await assert.rejects(fetch(`http://127.0.0.1:${rig.edge.port}/`))
    release()
    const answer = await slow
    assert.equal(answer.body, 'done')
    assert.equal(answer.headers.connection, 'close')
    await closed
  })

  it('cuts what is not finished in time', async (t) => {
    const rig = await startRig(t)
    const { port } = await startBackend(t, () => {})
    rig.edge.update(rig.workload, [endpoint('one', port)])
    await rig.edge.setSplit(rig.workload, split({ one: 100 }))
    const slow = assert.rejects(ask(rig))
    await until(() => rig.edge.inFlight(`one-${port}`) === 1)
    await rig.edge.close({ drainSeconds: 0.1 })
    await slow
  })

  it('may be asked for twice', async (t) => {
    const rig = await startRig(t)
    await rig.edge.close({ drainSeconds: 0 })
    await rig.edge.close({ drainSeconds: 0 })
  })
})

it('says which address is taken', async (t) => {
  const rig = await startRig(t)
  await assert.rejects(startRig(t, { port: rig.edge.port }), {
    code: 'port-in-use',
    message: new RegExp(`127\\.0\\.0\\.1:${rig.edge.port}`),
  })
})
