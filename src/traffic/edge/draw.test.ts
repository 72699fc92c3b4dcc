import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Dice } from './dice.ts'
import {
  ask,
  endpoint,
  freePort,
  named,
  type Rig,
  split,
  startBackend,
  startHolding,
  startRig,
} from './rig.ts'

async function countRevisions(rig: Rig, requests: number, headers = {}) {
  const counts: Record<string, number> = {}
  for (let i = 0; i < requests; i += 20) {
    const answers = await Promise.all(
      Array.from({ length: Math.min(20, requests - i) }, () => ask(rig, { headers })),
    )
    for (const { body } of answers) counts[body] = (counts[body] ?? 0) + 1
  }
  return counts
}

describe('dice', () => {
  for (const share of [0.001, 0.05, 0.25, 0.5, 0.999]) {
    it(`meets a share of ${share} to a thousandth within ten thousand draws`, () => {
      for (const seed of [0, 0.3, 0.77]) {
        const dice = new Dice(seed)
        const draws = Array.from({ length: 10_000 }, () => dice.next())
        const hits = draws.filter((draw) => draw < share).length
        assert.ok(Math.abs(hits / 10_000 - share) < 0.001, `${hits} of 10000`)
      }
    })
  }

  it('meets the share among every second request too', () => {
    const dice = new Dice(0.1)
    const draws = Array.from({ length: 20_000 }, () => dice.next()).filter((_, i) => i % 2 === 0)
    assert.ok(Math.abs(draws.filter((draw) => draw < 0.05).length / 10_000 - 0.05) < 0.001)
  })
})

describe('which instance a request goes to', () => {
  it('splits requests by weight', async (t) => {
    const rig = await startRig(t)
    const old = await startBackend(t, named('old'))
    const next = await startBackend(t, named('new'))
    rig.edge.update(rig.workload, [endpoint('old', old.port), endpoint('new', next.port)])
    await rig.edge.setSplit(rig.workload, split({ old: 90, new: 10 }))
    const counts = await countRevisions(rig, 1000)
    assert.ok(Math.abs((counts.new ?? 0) - 100) <= 5, JSON.stringify(counts))
  })

  it('gives the share of a revision without a ready instance to the others', async (t) => {
    const rig = await startRig(t)
    const old = await startBackend(t, named('old'))
    const next = await startBackend(t, named('new'))
    rig.edge.update(rig.workload, [
      endpoint('old', old.port),
      endpoint('new', next.port, { state: 'draining' }),
    ])
    await rig.edge.setSplit(rig.workload, split({ old: 1, new: 99 }))
    assert.deepEqual(await countRevisions(rig, 40), { old: 40 })
  })

  it('never uses a revision with weight 0, even if nothing else is ready', async (t) => {
    const rig = await startRig(t)
    const next = await startBackend(t, named('new'))
    rig.edge.update(rig.workload, [endpoint('new', next.port)])
    await rig.edge.setSplit(rig.workload, split({ old: 100, new: 0 }))
    const { status, headers, body } = await ask(rig)
    assert.equal(status, 503)
    assert.equal(headers['x-slipway-error'], 'no-ready-instance')
    assert.equal(headers['retry-after'], '1')
    assert.match(body, /orders in production has no instance that is ready/)
  })

  it('spreads a revision over its instances', async (t) => {
    const rig = await startRig(t)
    const [a, b] = [await startBackend(t, named('a')), await startBackend(t, named('b'))]
    rig.edge.update(rig.workload, [endpoint('one', a.port), endpoint('one', b.port)])
    await rig.edge.setSplit(rig.workload, split({ one: 100 }))
    const counts: Record<string, number> = {}
    for (let i = 0; i < 20; i++) {
      const { body } = await ask(rig)
      counts[body] = (counts[body] ?? 0) + 1
    }
    assert.deepEqual(counts, { a: 10, b: 10 })
  })

  it('prefers the instance with less under way', async (t) => {
    const rig = await startRig(t)
    const busy = await startHolding(t, 'busy')
    const idle = await startBackend(t, named('idle'))
    rig.edge.update(rig.workload, [endpoint('one', busy.port)])
    await rig.edge.setSplit(rig.workload, split({ one: 100 }))
    const waiting = ask(rig)
    while (rig.edge.inFlight(`one-${busy.port}`) === 0) await new Promise(setImmediate)
    rig.edge.update(rig.workload, [endpoint('one', busy.port), endpoint('one', idle.port)])
    assert.deepEqual(await countRevisions(rig, 1), { idle: 1 })
    assert.equal((await ask(rig)).body, 'idle')
    while (rig.edge.inFlight(`one-${busy.port}`) !== 1) await new Promise(setImmediate)
    busy.release()
    assert.equal((await waiting).body, 'busy')
  })

  it('sends a matching header to its revision whatever the weights', async (t) => {
    const rig = await startRig(t)
    const old = await startBackend(t, named('old'))
    const next = await startBackend(t, named('new'))
    rig.edge.update(rig.workload, [endpoint('old', old.port), endpoint('new', next.port)])
    const header = { name: 'X-Canary', value: 'true', revision: 'new' }
    await rig.edge.setSplit(rig.workload, split({ old: 100 }, { header }))
    assert.deepEqual(await countRevisions(rig, 10, { 'x-canary': 'true' }), { new: 10 })
    assert.deepEqual(await countRevisions(rig, 10, { 'x-canary': 'yes' }), { old: 10 })
  })

  it('keeps a client at its revision by cookie while that has weight', async (t) => {
    const rig = await startRig(t)
    const old = await startBackend(t, named('old'))
    const next = await startBackend(t, named('new'))
    rig.edge.update(rig.workload, [endpoint('old', old.port), endpoint('new', next.port)])
    await rig.edge.setSplit(rig.workload, split({ old: 0, new: 100 }, { sticky: true }))
    const first = await ask(rig)
    const setCookie = String(first.headers['set-cookie'])
    assert.match(setCookie, /^slipway_orders_production=new; Path=\/; HttpOnly; SameSite=Lax$/)
    const cookie = `theme=dark; ${setCookie.split(';')[0]}`
    await rig.edge.setSplit(rig.workload, split({ old: 99.9, new: 0.1 }, { sticky: true }))
    assert.deepEqual(await countRevisions(rig, 20, { cookie }), { new: 20 })
    assert.equal((await ask(rig, { headers: { cookie } })).headers['set-cookie'], undefined)
    await rig.edge.setSplit(rig.workload, split({ old: 100, new: 0 }, { sticky: true }))
    const moved = await ask(rig, { headers: { cookie } })
    assert.equal(moved.body, 'old')
    assert.match(String(moved.headers['set-cookie']), /=old;/)
  })

  it('has no preview until the split names one', async (t) => {
    const rig = await startRig(t)
    const old = await startBackend(t, named('old'))
    rig.edge.update(rig.workload, [endpoint('old', old.port)])
    await rig.edge.setSplit(rig.workload, split({ old: 100 }))
    const host = `preview--${rig.host}`
    assert.equal((await ask(rig, { headers: { host } })).status, 404)
    await rig.edge.setSplit(rig.workload, split({ old: 100 }, { preview: 'gone' }))
    assert.equal((await ask(rig, { headers: { host } })).status, 503)
  })

  it('does not answer before a split was set, nor for a host that it does not know', async (t) => {
    const rig = await startRig(t)
    const unknown = await ask(rig)
    assert.equal(unknown.status, 404)
    assert.equal(unknown.headers['x-slipway-error'], 'no-route')
    assert.match(unknown.body, /No service has the address "orders\.production\.localhost/)
    rig.edge.update(rig.workload, [endpoint('old', await freePort())])
    assert.equal((await ask(rig)).headers['x-slipway-error'], 'no-split')
  })

  it('refuses a second workload whose host name would be the same', async (t) => {
    const { edge } = await startRig(t)
    await edge.setSplit({ environment: 'dev', service: 'web-ui' }, split({ a: 100 }))
    await assert.rejects(
      edge.setSplit({ environment: 'dev', service: 'web.ui' }, split({ a: 100 })),
      { code: 'host-taken' },
    )
  })

  it('names the unknown key of a split', async (t) => {
    const { edge, workload } = await startRig(t)
    const odd = { ...split({ a: 100 }), stickey: true }
    await assert.rejects(edge.setSplit(workload, odd), /stickey/)
  })
})
