import { randomUUID } from 'node:crypto'
import { request } from 'undici'
import type { LoadRequest, Target } from './load.ts'
import { pick, type Random } from './random.ts'

/** What the catalog says of a product, as far as a customer needs it to order. */
export type Product = { readonly id: string; readonly name: string; readonly priceCents: number }

export type Cart = {
  readonly customer: string
  readonly lines: readonly {
    readonly productId: string
    readonly name: string
    readonly quantity: number
    readonly unitCents: number
  }[]
}

export type ShopAddress = {
  /** Where the edge listens: `http://127.0.0.1:8080`. */
  readonly origin: string
  /** The Host header of a service: `orders.production.localhost:8080`. */
  readonly hostOf: (service: string) => string
}

/**
 * Customers of the shop: pages of the storefront, reads of the catalog, and orders. More than a
 * third of them order, because it is checkouts that a bad version of `orders` fails.
 * Each order has an Idempotency-Key of its own, whatever the seed.
 */
export async function shopTargets({ origin, hostOf }: ShopAddress): Promise<readonly Target[]> {
  const products = await productsOf(origin, hostOf('catalog'))
  const at = (service: string) => ({ origin, host: hostOf(service) })
  const run = randomUUID().slice(0, 8)
  let orders = 0
  return [
    { kind: 'pages', weight: 32, ...at('storefront'), request: (random) => page(random, products) },
    { kind: 'reads', weight: 25, ...at('catalog'), request: (random) => read(random, products) },
    { kind: 'reads', weight: 5, ...at('orders'), request: () => get('/orders?limit=5') },
    {
      kind: 'orders',
      weight: 38,
      ...at('orders'),
      request: (random) => {
        orders += 1
        return order(cartOf(random, products), `${run}-${orders}`)
      },
    },
  ]
}

const LINES = [
  { lines: 1, weight: 50 },
  { lines: 2, weight: 30 },
  { lines: 3, weight: 20 },
]
const QUANTITIES = [
  { quantity: 1, weight: 72 },
  { quantity: 2, weight: 16 },
  { quantity: 3, weight: 6 },
  { quantity: 4, weight: 4 },
  { quantity: 6, weight: 2 },
]

/** What people buy: mostly one thing, mostly once. */
export function cartOf(random: Random, products: readonly Product[]): Cart {
  const { lines } = pick(random, LINES)
  const chosen = new Set<Product>()
  while (chosen.size < Math.min(lines, products.length)) chosen.add(oneOf(random, products))
  return {
    customer: `Customer ${Math.floor(random() * 10_000)}`,
    lines: [...chosen].map(({ id, name, priceCents }) => ({
      productId: id,
      name,
      quantity: pick(random, QUANTITIES).quantity,
      unitCents: priceCents,
    })),
  }
}

function page(random: Random, products: readonly Product[]): LoadRequest {
  const chance = random()
  if (chance < 0.4) return get('/')
  if (chance < 0.9) return get(`/products/${oneOf(random, products).id}`)
  return get('/?q=stoneware')
}

function read(random: Random, products: readonly Product[]): LoadRequest {
  const chance = random()
  if (chance < 0.3) return get('/products')
  if (chance < 0.9) return get(`/products/${oneOf(random, products).id}`)
  return get('/search?q=linen')
}

function order(cart: Cart, key: string): LoadRequest {
  return {
    method: 'POST',
    path: '/orders',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(cart),
  }
}

function get(path: string): LoadRequest {
  return { method: 'GET', path }
}

function oneOf<T>(random: Random, from: readonly T[]): T {
  const chosen = from[Math.floor(random() * from.length)]
  if (chosen === undefined) throw new RangeError('the catalog sells nothing')
  return chosen
}

async function productsOf(origin: string, host: string): Promise<readonly Product[]> {
  const { statusCode, body } = await request(`${origin}/products`, { headers: { host } })
  if (statusCode !== 200) throw new Error(`${host} answered ${statusCode} when asked for products`)
  return ((await body.json()) as { products: readonly Product[] }).products
}
