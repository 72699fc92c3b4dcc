import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Held, plan } from './plan.ts'

const held = (id: string, more: Partial<Held> = {}): Held => ({
  id,
  revision: 'one',
  state: 'ready',
  startedAt: 1,
  retiring: false,
  ...more,
})
const ask = (count: number, revision = 'one') => ({ revision, count })

describe('plan', () => {
  it('starts what is missing', () => {
    assert.deepEqual(plan([ask(2), ask(1, 'two')], [held('a')]), {
      start: ['one', 'two'],
      stop: [],
    })
  })

  it('does nothing when all is there', () => {
    assert.deepEqual(plan([ask(1)], [held('a')]), { start: [], stop: [] })
  })

  it('stops every instance of a revision that is not named', () => {
    assert.deepEqual(plan([], [held('a'), held('b')]).stop.toSorted(), ['a', 'b'])
  })

  it('does not count what drains, and does not stop it twice', () => {
    const draining = held('a', { state: 'draining' })
    assert.deepEqual(plan([ask(1)], [draining]), { start: ['one'], stop: [] })
    assert.deepEqual(plan([], [draining]), { start: [], stop: [] })
  })

  it('stops what is of least use first: not ready before ready, younger before older', () => {
    const instances = [
      held('young', { startedAt: 9 }),
      held('old', { startedAt: 1 }),
      held('unready', { state: 'unready', startedAt: 0 }),
      held('starting', { state: 'starting', startedAt: 0 }),
      held('waiting', { state: 'waiting' }),
    ]
    const order = [4, 3, 2, 1].map((count) => plan([ask(count)], instances).stop.at(-1))
    assert.deepEqual(order, ['waiting', 'starting', 'unready', 'young'])
  })

  it('lets a retiring instance serve until another one is ready in its place', () => {
    const retiring = held('a', { retiring: true })
    const next = held('b', { state: 'starting' })
    assert.deepEqual(plan([ask(1)], [retiring]), { start: ['one'], stop: [] })
    assert.deepEqual(plan([ask(1)], [retiring, next]), { start: [], stop: [] })
    assert.deepEqual(plan([ask(1)], [retiring, { ...next, state: 'ready' }]).stop, ['a'])
    assert.deepEqual(plan([], [retiring]).stop, ['a'])
    assert.deepEqual(plan([ask(1)], [{ ...retiring, state: 'unready' }]).stop, ['a'])
  })

  it('never takes ready instances of a named revision below its count, and reaches the count', () => {
    const states = fc.constantFrom('starting', 'ready', 'unready', 'draining', 'waiting')
    const instance = fc.record({
      id: fc.uuid(),
      revision: fc.constantFrom('one', 'two'),
      state: states,
      startedAt: fc.nat(),
      retiring: fc.boolean(),
    })
    const instances = fc.uniqueArray(instance, { selector: ({ id }) => id })
    fc.assert(
      fc.property(instances, fc.nat(5), fc.nat(5), (all: Held[], one, two) => {
        const { start, stop } = plan([ask(one), ask(two, 'two')], all)
        for (const [revision, count] of [
          ['one', one],
          ['two', two],
        ] as const) {
          const of = all.filter((each) => each.revision === revision)
          const ready = of.filter(({ state }) => state === 'ready')
          const left = ready.filter(({ id }) => !stop.includes(id))
          assert.ok(left.length >= Math.min(count, ready.length))
          const lasting = of.filter(
            ({ id, state, retiring }) => state !== 'draining' && !retiring && !stop.includes(id),
          )
          assert.equal(lasting.length + start.filter((each) => each === revision).length, count)
        }
      }),
    )
  })
})
