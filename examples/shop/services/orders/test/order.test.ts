import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOrder } from '../src/order.ts'
import { totalCents } from '../src/price.ts'

const mug = { productId: 'harbour-mug', name: 'Harbour mug', quantity: 2, unitCents: 1890 }
const tray = { productId: 'oak-tray', name: 'Oak tray', quantity: 1, unitCents: 4470 }

test('an order costs what its lines add up to', () => {
  assert.equal(totalCents([mug, tray]), 2 * 1890 + 4470)
})

test('a good body becomes an order, without what nobody asked for', () => {
  assert.deepEqual(parseOrder({ customer: 'Ada', lines: [{ ...mug, extra: 1 }], admin: true }), {
    customer: 'Ada',
    lines: [mug],
  })
})

const wrong: readonly [string, unknown, RegExp][] = [
  ['no JSON', undefined, /JSON object/],
  ['a list', [], /JSON object/],
  ['no customer', { customer: ' ', lines: [mug] }, /customer/],
  ['no lines', { customer: 'Ada', lines: [] }, /1 to 50/],
  ['too many lines', { customer: 'Ada', lines: Array(51).fill(mug) }, /1 to 50/],
  ['half a mug', { customer: 'Ada', lines: [{ ...mug, quantity: 0.5 }] }, /lines\[0\].*quantity/],
  [
    'a text for a price',
    { customer: 'Ada', lines: [mug, { ...mug, unitCents: '1' }] },
    /lines\[1\]/,
  ],
]
for (const [name, body, message] of wrong) {
  test(`${name} is refused in words`, () => assert.match(String(parseOrder(body)), message))
}
