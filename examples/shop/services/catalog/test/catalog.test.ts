import assert from 'node:assert/strict'
import { test } from 'node:test'
import { app } from '../src/app.ts'
import { all, find, search } from '../src/products.ts'

test('each product has an id of its own and a price in whole cents', () => {
  assert.equal(new Set(all.map((product) => product.id)).size, all.length)
  for (const { id, priceCents } of all) {
    assert.match(id, /^[a-z]+(-[a-z]+)*$/)
    assert.ok(Number.isInteger(priceCents) && priceCents > 0, id)
  }
})

test('search wants every word and puts names first', () => {
  assert.deepEqual(
    search('  Harbour ').map((product) => product.id),
    ['harbour-mug'],
  )
  const linen = search('linen').map((product) => product.id)
  assert.deepEqual(linen, ['linen-napkins', 'reading-lamp'])
  assert.deepEqual(search('linen harbour'), [])
  assert.equal(search('').length, all.length)
})

test('a product is found by its id', async () => {
  const answer = await app.request('/products/oak-tray')
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('content-type'), 'application/json')
  assert.deepEqual(await answer.json(), find('oak-tray'))
})

test('an unknown product is a 404 that names it', async () => {
  const answer = await app.request('/products/moon-rock')
  assert.equal(answer.status, 404)
  assert.match(await answer.text(), /moon-rock/)
})

test('the list and the search answer in the same shape', async () => {
  const list = await (await app.request('/products')).json()
  assert.deepEqual(list, { products: all })
  const found = await (await app.request('/search?q=harbour+mug')).json()
  assert.deepEqual(found, { products: [find('harbour-mug')] })
})

test('the contract is served, and every field that a product has is in it', async () => {
  const text = await (await app.request('/openapi.yaml')).text()
  for (const field of Object.keys(all[0] ?? {}))
    assert.ok(text.includes(`        ${field}: {`), field)
})
