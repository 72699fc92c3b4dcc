import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countOf, formatBasket, parseBasket, withQuantity } from '../src/basket.ts'

test('a basket survives its cookie', () => {
  const basket = new Map([
    ['harbour-mug', 2],
    ['oak-tray', 1],
  ])
  assert.deepEqual(parseBasket(formatBasket(basket)), basket)
  assert.equal(countOf(basket), 3)
})

test('a cookie that was tampered with is read as far as it makes sense', () => {
  assert.deepEqual(
    parseBasket('harbour-mug.2_<b>.1_oak-tray.0_oak-tray.1000_x'),
    new Map([['harbour-mug', 2]]),
  )
  assert.equal(parseBasket(undefined).size, 0)
})

test('a quantity of 0 takes a product out; nonsense changes nothing', () => {
  const basket = new Map([['oak-tray', 1]])
  assert.equal(withQuantity(basket, 'oak-tray', 0).size, 0)
  for (const quantity of [-1, 1.5, 100, Number.NaN]) {
    assert.deepEqual(withQuantity(basket, 'oak-tray', quantity), basket)
  }
})
