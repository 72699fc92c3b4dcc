import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { WorkloadRef } from '../platform/index.ts'
import type { Split, TrafficRouter } from './traffic.ts'
import { TrafficError } from './traffic-error.ts'

export type RouterUnderTest = {
  readonly router: TrafficRouter
  /** Makes sure that `revision` has a ready instance. */
  readonly addInstance: (workload: WorkloadRef, revision: string) => Promise<void>
  /** The revision that answers a request to the address, preview or direct. */
  readonly revisionAt: (address: string) => Promise<string | null>
}

/** What a router cannot do, with the reason; the cases are skipped with it. */
export type Lacks = Readonly<Partial<Record<'mirror' | 'preview' | 'header' | 'sticky', string>>>

/** The behaviour that every TrafficRouter has. */
export function routerContract(
  name: string,
  start: (t: TestContext) => Promise<RouterUnderTest>,
  lacks: Lacks = {},
): void {
  const workload = { environment: 'production', service: 'catalog' }
  const all: Split = {
    weights: { old: 100 },
    header: null,
    mirror: null,
    preview: null,
    sticky: false,
  }

  describe(`TrafficRouter: ${name}`, () => {
    it('knows nothing of a workload before its first split', async (t) => {
      const { router } = await start(t)
      assert.equal(await router.observe(workload), null)
      assert.equal(await router.address(workload), null)
    })

    it('observes the split that was set, and a repeated one changes nothing', async (t) => {
      const { router, addInstance } = await start(t)
      await addInstance(workload, 'old')
      await router.setSplit(workload, all)
      await router.setSplit(workload, all)
      assert.deepEqual(await router.observe(workload), all)
    })

    it('sends requests where the split says', async (t) => {
      const { router, addInstance, revisionAt } = await start(t)
      await addInstance(workload, 'old')
      await addInstance(workload, 'new')
      await router.setSplit(workload, all)
      const address = await router.address(workload)
      assert.equal(await revisionAt(address?.direct ?? ''), 'old')
      await router.setSplit(workload, { ...all, weights: { old: 0, new: 100 } })
      assert.equal(await revisionAt(address?.direct ?? ''), 'new')
    })

    it('reaches the preview revision by the preview address', {
      skip: lacks.preview,
    }, async (t) => {
      const { router, addInstance, revisionAt } = await start(t)
      await addInstance(workload, 'old')
      await addInstance(workload, 'new')
      await router.setSplit(workload, { ...all, preview: 'new' })
      const address = await router.address(workload)
      assert.equal(await revisionAt(address?.preview ?? ''), 'new')
      assert.equal(await revisionAt(address?.direct ?? ''), 'old')
    })

    const wrong: readonly (readonly [string, Split])[] = [
      ['weights that do not sum to 100', { ...all, weights: { old: 60, new: 30 } }],
      ['a negative weight', { ...all, weights: { old: 110, new: -10 } }],
      ['no weights', { ...all, weights: {} }],
      ['a mirror of more than everything', { ...all, mirror: { revision: 'new', percent: 101 } }],
    ]
    for (const [what, split] of wrong) {
      it(`refuses ${what} and keeps the split in force`, async (t) => {
        const { router, addInstance } = await start(t)
        await addInstance(workload, 'old')
        await router.setSplit(workload, all)
        await assert.rejects(router.setSplit(workload, split), TrafficError)
        assert.deepEqual(await router.observe(workload), all)
      })
    }

    it('forgets a workload, and a second removal changes nothing', async (t) => {
      const { router, addInstance } = await start(t)
      await addInstance(workload, 'old')
      await router.setSplit(workload, all)
      await router.remove(workload)
      await router.remove(workload)
      assert.equal(await router.observe(workload), null)
      assert.equal(await router.address(workload), null)
    })
  })
}
