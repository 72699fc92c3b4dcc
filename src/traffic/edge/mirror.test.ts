import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { ask, endpoint, named, split, startBackend, startRig, until } from './rig.ts'

async function start(t: TestContext, percent: number) {
  const rig = await startRig(t)
  const copies: string[] = []
  const held: (() => void)[] = []
  const old = await startBackend(t, named('old'))
  const shadow = await startBackend(t, (req, res) => {
    req.resume()
    copies.push(`${req.method} ${req.url}`)
    res.statusCode = 500
    held.push(() => res.end('wrong'))
  })
  rig.edge.update(rig.workload, [endpoint('old', old.port), endpoint('new', shadow.port)])
  await rig.edge.setSplit(
    rig.workload,
    split({ old: 100, new: 0 }, { mirror: { revision: 'new', percent } }),
  )
  t.after(() => {
    for (const release of held) release()
  })
  return { rig, copies, held, shadow: `new-${shadow.port}` }
}

describe('a mirror', () => {
  it('gets copies that the client neither waits for nor sees', async (t) => {
    const { rig, copies, held, shadow } = await start(t, 100)
    for (let i = 0; i < 5; i++) assert.equal((await ask(rig, { path: `/${i}` })).body, 'old')
    await until(() => copies.length === 5)
    assert.deepEqual(copies.toSorted(), ['GET /0', 'GET /1', 'GET /2', 'GET /3', 'GET /4'])
    assert.equal(rig.edge.inFlight(shadow), 5)
    for (const release of held) release()
    await until(() => rig.edge.inFlight(shadow) === 0)
    const metrics = await rig.edge.metrics()
    assert.match(metrics, /_attempts_total\{[^}]*revision="new",outcome="5xx"\} 5/)
    assert.match(metrics, /_requests_total\{[^}]*outcome="2xx"\} 5/)
    assert.doesNotMatch(metrics, /_requests_total\{[^}]*outcome="5xx"\}/)
  })

  it('gets the share that was asked for', async (t) => {
    const { rig, copies } = await start(t, 10)
    for (let i = 0; i < 100; i++) await ask(rig)
    await until(() => copies.length >= 9)
    assert.ok(copies.length <= 11, `${copies.length} of 100`)
  })

  it('gets no request that changes something', async (t) => {
    const { rig, copies } = await start(t, 100)
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) await ask(rig, { method, body: 'x' })
    await ask(rig)
    await until(() => copies.length === 1)
    assert.deepEqual(copies, ['GET /'])
  })
})
