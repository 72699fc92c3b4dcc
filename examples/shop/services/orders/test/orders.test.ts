import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Hono } from 'hono'
import { createApp } from '../src/app.ts'
import type { Order } from '../src/order.ts'
import { openTestDatabase } from './test-database.ts'

const cart = {
  customer: 'Ada',
  lines: [
    { productId: 'harbour-mug', name: 'Harbour mug', quantity: 2, unitCents: 1890 },
    { productId: 'oak-tray', name: 'Oak tray', quantity: 1, unitCents: 4470 },
  ],
}

let database: Awaited<ReturnType<typeof openTestDatabase>>
let app: Hono

before(async () => {
  database = await openTestDatabase()
  app = createApp(database.pool)
})
after(() => database.close())

test('instances that start together migrate once, and a second time changes nothing', async () => {
  const runs = await Promise.all([database.migrate(), database.migrate(), database.migrate()])
  const names = runs.flat()
  assert.ok(names.includes('001_orders.sql'))
  assert.equal(new Set(names).size, names.length)
  assert.deepEqual(await database.migrate(), [])
})

test('an order that was placed is found as it was placed', async () => {
  const answer = await post(cart)
  assert.equal(answer.status, 201)
  const order = await orderOf(answer)
  assert.equal(order.totalCents, 2 * 1890 + 4470)
  const found = await app.request(answer.headers.get('location') ?? '')
  assert.deepEqual(await found.json(), order)
})

test('the same key gives the same order, however often and however soon', async () => {
  const key = randomUUID()
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(cart, key)))
  const orders = await Promise.all(answers.map(orderOf))
  assert.equal(new Set(orders.map(({ id }) => id)).size, 1)
  assert.equal(answers.filter(({ status }) => status === 201).length, 1)
  for (const order of orders) assert.deepEqual(order, orders[0])
})

test('a key that was used for another order is refused', async () => {
  const key = randomUUID()
  await post(cart, key)
  assert.equal((await post({ ...cart, customer: 'Grace' }, key)).status, 422)
})

test('the list has the latest first and no more than asked for', async () => {
  const order = await orderOf(await post(cart))
  const listed = await app.request('/orders?limit=2')
  const { orders } = (await listed.json()) as { orders: Order[] }
  assert.equal(orders.length, 2)
  assert.deepEqual(orders[0], order)
  assert.equal((await app.request('/orders?limit=0')).status, 400)
})

test('what is not an order is refused, what is not there is not found', async () => {
  assert.equal((await app.request('/orders', { method: 'POST', body: '{' })).status, 400)
  assert.equal((await app.request(`/orders/${randomUUID()}`)).status, 404)
  assert.equal((await app.request('/orders/1')).status, 404)
})

async function post(body: unknown, key = randomUUID() as string): Promise<Response> {
  return app.request('/orders', {
    method: 'POST',
    headers: { 'idempotency-key': key },
    body: JSON.stringify(body),
  })
}

async function orderOf(answer: Response): Promise<Order> {
  return (await answer.json()) as Order
}
