import { getRequestListener } from '@hono/node-server'
import { startService, stopOnSignal } from '../../../lib/service.ts'
import { createApp } from './app.ts'
import { connectTo } from './upstream.ts'

const catalog = connectTo('catalog', address('CATALOG_URL'))
const orders = connectTo('orders', address('ORDERS_URL'))
const version = process.env.SLIPWAY_VERSION ?? 'development'

const service = await startService({
  name: 'storefront',
  env: process.env,
  listener: getRequestListener(createApp({ catalog, orders, version }).fetch),
  // Ready although a neighbour is not: a page that says so is better than no page at all.
  isReady: async () => true,
})
stopOnSignal(async () => {
  await service.close()
  await Promise.all([catalog.close(), orders.close()])
})

function address(name: string): string {
  const value = process.env[name]
  if (value) return value
  throw new Error(`${name} is not set: give it an address such as http://127.0.0.1:3001`)
}
