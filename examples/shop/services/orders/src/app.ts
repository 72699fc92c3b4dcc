import { Hono } from 'hono'
import type { Pool } from 'pg'
import { logError } from '../../../lib/service.ts'
import { parseOrder } from './order.ts'
import { find, latest, place } from './orders.ts'

const MOST_LISTED = 100

export function createApp(pool: Pool): Hono {
  const app = new Hono()

  app.post('/orders', async (c) => {
    const order = parseOrder(parseJson(await c.req.text()))
    if (typeof order === 'string') return c.json({ error: order }, 400)
    const placing = await place(pool, order, c.req.header('idempotency-key') ?? null)
    switch (placing.kind) {
      case 'placed':
        return c.json(placing.order, 201, { location: `/orders/${placing.order.id}` })
      case 'repeated':
        return c.json(placing.order, 200, { 'idempotent-replayed': 'true' })
      case 'mixed-up':
        return c.json({ error: 'this Idempotency-Key was used for another order' }, 422)
    }
  })

  app.get('/orders', async (c) => {
    const limit = Number(c.req.query('limit') ?? 20)
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LISTED) {
      return c.json({ error: `limit must be 1 to ${MOST_LISTED}` }, 400)
    }
    return c.json({ orders: await latest(pool, limit) })
  })

  app.get('/orders/:id', async (c) => {
    const order = await find(pool, c.req.param('id'))
    if (order === null) return c.json({ error: `there is no order ${c.req.param('id')}` }, 404)
    return c.json(order)
  })

  app.notFound((c) => c.json({ error: `there is nothing at ${c.req.path}` }, 404))

  app.onError((error, c) => {
    logError(`${c.req.method} ${c.req.path}`, error)
    return c.json({ error: 'the order could not be handled; please try again' }, 500)
  })

  return app
}

/** Undefined: it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
