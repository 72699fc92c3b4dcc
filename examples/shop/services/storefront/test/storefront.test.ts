import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Hono } from 'hono'
import { createApp } from '../src/app.ts'
import { connectTo, type Upstream } from '../src/upstream.ts'
import { startNeighbour } from './neighbours.ts'

const mug = {
  id: 'harbour-mug',
  name: 'Harbour <mug>',
  kind: 'Stoneware',
  priceCents: 1890,
  description: 'Heavy.',
  picture: 'mug',
  hue: 205,
}
const order = {
  id: '0d5f7b9e-0000-4000-8000-000000000001',
  customer: 'Ada',
  lines: [{ productId: mug.id, name: mug.name, quantity: 2, unitCents: 1890 }],
  totalCents: 3780,
  placedAt: '2026-11-01T10:00:00.000Z',
}

let catalogService: Awaited<ReturnType<typeof startNeighbour>>
let orderService: Awaited<ReturnType<typeof startNeighbour>>
let catalog: Upstream
let orders: Upstream
let app: Hono

before(async () => {
  catalogService = await startNeighbour({
    'GET /products': { status: 200, body: { products: [mug] } },
    'GET /products/harbour-mug': { status: 200, body: mug },
    'GET /search?q=mug': { status: 200, body: { products: [mug] } },
  })
  orderService = await startNeighbour({
    'POST /orders': { status: 201, body: order },
    'GET /orders?limit=20': { status: 200, body: { orders: [order] } },
    [`GET /orders/${order.id}`]: { status: 200, body: { ...order, totalCents: 3000 } },
    'GET /orders/broken': { status: 500, body: { error: 'oh' } },
  })
  catalog = connectTo('catalog', catalogService.url)
  orders = connectTo('orders', orderService.url)
  app = createApp({ catalog, orders, version: '1.2.3' })
})
beforeEach(() => {
  catalogService.heard.length = 0
  orderService.heard.length = 0
})
after(async () => {
  await Promise.all([catalog.close(), orders.close()])
  await Promise.all([catalogService.close(), orderService.close()])
})

test('the home page shows products, escaped, with their price', async () => {
  const page = await text('/')
  assert.match(page, /Harbour &lt;mug&gt;/)
  assert.match(page, /€18\.90/)
  assert.match(page, /href="\/products\/harbour-mug"/)
  assert.match(page, /Version 1\.2\.3/)
})

test('a search asks the catalog, and says what it was about', async () => {
  assert.match(await text('/?q=mug'), /1 thing found/)
  assert.equal(catalogService.heard[0]?.url, '/search?q=mug')
})

test('what goes in the basket is there at the price of the catalog', async () => {
  const answer = await post('/basket', { id: mug.id, quantity: '2' }, '')
  assert.equal(answer.status, 303)
  const cookie = cookieOf(answer)
  assert.equal(cookie, 'basket=harbour-mug.2')
  const page = await text('/basket', cookie)
  assert.match(page, /€37\.80/)
  assert.match(page, /Basket <b>2<\/b>/)
})

test('checking out places one order with the key of the form, then empties the basket', async () => {
  const answer = await post('/checkout', { customer: 'Ada', key: 'k-1' }, 'basket=harbour-mug.2')
  assert.equal(answer.headers.get('location'), `/orders/${order.id}`)
  assert.equal(cookieOf(answer), 'basket=')
  const asked = orderService.heard[0]
  assert.equal(asked?.headers['idempotency-key'], 'k-1')
  assert.deepEqual(JSON.parse(asked?.body ?? ''), { customer: 'Ada', lines: order.lines })
})

test('an empty basket orders nothing', async () => {
  const answer = await post('/checkout', { customer: 'Ada', key: 'k-2' }, '')
  assert.equal(answer.headers.get('location'), '/basket')
  assert.equal(orderService.heard.length, 0)
})

test('a confirmation shows what was saved', async () => {
  assert.match(await text(`/orders/${order.id}`), /You save.*−€7\.80/s)
})

test('the list links to each order', async () => {
  assert.match(await text('/orders'), new RegExp(`href="/orders/${order.id}"`))
})

test('trace and canary headers are passed on, others are not', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await app.request('/', { headers: { traceparent, 'x-canary': 'true', authorization: 'secret' } })
  const { headers } = catalogService.heard[0] ?? { headers: {} as Record<string, unknown> }
  assert.equal(headers.traceparent, traceparent)
  assert.equal(headers['x-canary'], 'true')
  assert.equal(headers.authorization, undefined)
})

test('what is not there is a 404, what a neighbour fails is a 502 with a page', async (t) => {
  assert.equal((await app.request('/products/moon-rock')).status, 404)
  assert.equal((await app.request('/nowhere')).status, 404)
  const logged = t.mock.method(console, 'error', () => {})
  const answer = await app.request('/orders/broken')
  assert.equal(answer.status, 502)
  assert.match(await answer.text(), /Nothing was lost/)
  assert.match(String(logged.mock.calls[0]?.arguments[0]), /orders answered 500/)
})

async function text(path: string, cookie = ''): Promise<string> {
  const answer = await app.request(path, { headers: { cookie } })
  assert.equal(answer.status, 200)
  return answer.text()
}

function post(path: string, fields: Record<string, string>, cookie: string) {
  return app.request(path, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  })
}

function cookieOf(answer: { headers: { get(name: string): string | null } }): string | undefined {
  return answer.headers.get('set-cookie')?.split(';')[0]
}
