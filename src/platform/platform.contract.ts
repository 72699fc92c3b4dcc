import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { processesOf, revisionWith, SHOP, until, untilReady } from './local/testdata/fixture.ts'
import type { Platform } from './platform.ts'

export type PlatformUnderTest = {
  /** Runs the server of local/testdata as artifact `DIGEST` of its fixture, and knows no other. */
  readonly platform: Platform
  /** Ids of the instances that traffic may send new requests to now. */
  readonly inTraffic: () => readonly string[]
  /** Ends everything. */
  readonly close: () => Promise<void>
}

const ONE = revisionWith({ COLOUR: 'one' })
const TWO = revisionWith({ COLOUR: 'two' })

/** What every platform does. `open` makes a fresh one for each case. */
export function platformContract(name: string, open: () => Promise<PlatformUnderTest>): void {
  describe(`${name} as a Platform`, () => {
    let under: PlatformUnderTest
    let platform: Platform
    beforeEach(async () => {
      under = await open()
      platform = under.platform
    })
    afterEach(() => under.close())

    it('knows nothing of a workload that nobody asked for', async () => {
      assert.deepEqual(await platform.observe(SHOP), { desired: [], instances: [] })
      assert.deepEqual(await platform.list(), [])
    })

    it('runs as many ready instances as it was asked for, and gives them traffic', async () => {
      await platform.scale(SHOP, [{ revision: ONE, count: 2 }])
      const instances = await untilReady(platform, SHOP, 2)
      assert.deepEqual(new Set(under.inTraffic()), new Set(instances.map(({ id }) => id)))
      assert.deepEqual((await platform.observe(SHOP)).desired, [{ revision: ONE.id, count: 2 }])
      assert.deepEqual(await platform.list(), [SHOP])
      for (const instance of instances) {
        assert.equal(instance.revision, ONE.id)
        assert.equal(instance.reason, null)
        assert.equal(instance.restarts, 0)
        assert.ok(instance.pid !== null && instance.port !== null)
      }
      assert.equal(new Set(instances.map(({ port }) => port)).size, 2)
    })

    it('changes nothing when it is asked the same again', async () => {
      await platform.scale(SHOP, [{ revision: ONE, count: 1 }])
      const before = await untilReady(platform, SHOP, 1)
      await platform.scale(SHOP, [{ revision: structuredClone(ONE), count: 1 }])
      const after = await untilReady(platform, SHOP, 1)
      assert.deepEqual(
        after.map(({ id, pid }) => [id, pid]),
        before.map(({ id, pid }) => [id, pid]),
      )
      assert.deepEqual(await platform.events(0), [])
    })

    it('keeps the instances of a revision that stays while another one comes and goes', async () => {
      await platform.scale(SHOP, [{ revision: ONE, count: 1 }])
      const [kept] = await untilReady(platform, SHOP, 1)
      await platform.scale(SHOP, [
        { revision: TWO, count: 1 },
        { revision: ONE, count: 1 },
      ])
      const both = await untilReady(platform, SHOP, 2)
      assert.deepEqual(new Set(both.map(({ revision }) => revision)), new Set([ONE.id, TWO.id]))
      await platform.scale(SHOP, [{ revision: ONE, count: 1 }])
      const [left] = await untilReady(platform, SHOP, 1)
      assert.equal(left?.pid, kept?.pid)
    })

    it('stops what is not named any more, and forgets a workload of which nothing is left', async () => {
      await platform.scale(SHOP, [{ revision: ONE, count: 2 }])
      const ids = new Set((await untilReady(platform, SHOP, 2)).map(({ id }) => id))
      await platform.scale(SHOP, [])
      await until('no instances', async () => (await platform.observe(SHOP)).instances.length === 0)
      assert.deepEqual(await processesOf(ids), [])
      assert.deepEqual(under.inTraffic(), [])
      assert.deepEqual(await platform.list(), [])
    })

    it('starts an instance again that somebody killed, and says so', async () => {
      await platform.scale(SHOP, [{ revision: ONE, count: 1 }])
      const [victim] = await untilReady(platform, SHOP, 1)
      process.kill(victim?.pid ?? 0, 'SIGKILL')
      const event = await until('an event', async () => (await platform.events(0))[0] ?? null)
      assert.equal(event.kind, 'replaced')
      assert.equal(event.revision, ONE.id)
      assert.deepEqual(event.workload, SHOP)
      assert.match(event.message, /SIGKILL/)
      const [next] = await until('a new process', async () => {
        const { instances } = await platform.observe(SHOP)
        return instances[0]?.state === 'ready' && instances[0].pid !== victim?.pid && instances
      })
      assert.equal(next?.restarts, 1)
      assert.deepEqual(await platform.events(event.seq), [])
    })

    it('says why an instance is not ready, and gives it no traffic', async () => {
      const revision = revisionWith({ NEVER_READY: 'yes' })
      await platform.scale(SHOP, [{ revision, count: 1 }])
      const reason = await until('a reason', async () => {
        const [instance] = (await platform.observe(SHOP)).instances
        return instance?.reason ?? null
      })
      assert.match(reason, /GET \/healthz on port \d+/)
      assert.deepEqual(under.inTraffic(), [])
    })

    it('says that an artifact cannot be had, and goes on trying', async () => {
      const revision = { ...ONE, id: 'unknown', digest: `sha256:${'b'.repeat(64)}` }
      await platform.scale(SHOP, [{ revision, count: 1 }])
      const failures = await until('two attempts', async () => {
        const events = await platform.events(0)
        return events.length >= 2 && events
      })
      assert.ok(failures.every(({ kind }) => kind === 'start-failed'))
      assert.ok(
        failures.every(({ seq }, index) => index === 0 || seq > (failures[index - 1]?.seq ?? 0)),
      )
      const [instance] = (await platform.observe(SHOP)).instances
      assert.match(instance?.reason ?? '', /not in the artifact store/)
    })
  })
}
