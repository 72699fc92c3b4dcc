import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { logError } from '../../../lib/service.ts'
import { type Basket, countOf, formatBasket, parseBasket, withQuantity } from './basket.ts'
import { findProduct, listProducts, searchProducts } from './catalog.ts'
import { findOrder, type Line, latestOrders, placeOrder } from './orders.ts'
import { basketPage } from './pages/basket-page.ts'
import { home } from './pages/home.ts'
import { layout, type Markup } from './pages/layout.ts'
import { confirmation, orderList } from './pages/order-page.ts'
import { problem } from './pages/problem.ts'
import { productPage } from './pages/product.ts'
import { type Headers, passedOn, type Upstream, UpstreamError } from './upstream.ts'

export type Parts = {
  readonly catalog: Upstream
  readonly orders: Upstream
  readonly version: string
}

const css = readFileSync(new URL('../public/shop.css', import.meta.url), 'utf8')

export function createApp({ catalog, orders, version }: Parts): Hono {
  const app = new Hono()

  app.get('/', async (c) => {
    const words = (c.req.query('q') ?? '').trim()
    const found =
      words === ''
        ? await listProducts(catalog, headersOf(c))
        : await searchProducts(catalog, headersOf(c), words)
    return show(c, words === '' ? 'Quiet things' : words, home(found, words))
  })

  app.get('/products/:id', async (c) => {
    const product = await findProduct(catalog, headersOf(c), c.req.param('id'))
    if (product === null) return notFound(c)
    return show(c, product.name, productPage(product))
  })

  app.get('/basket', async (c) => show(c, 'Basket', await basketOf(c, randomUUID(), null)))

  app.post('/basket', async (c) => {
    const { id, quantity } = await fieldsOf(c)
    const basket = readBasket(c)
    return keepBasket(c, withQuantity(basket, id, (basket.get(id) ?? 0) + Number(quantity)))
  })

  app.post('/basket/change', async (c) => {
    const { id, quantity } = await fieldsOf(c)
    return keepBasket(c, withQuantity(readBasket(c), id, Number(quantity)))
  })

  app.post('/checkout', async (c) => {
    const { customer, key } = await fieldsOf(c)
    const lines = await linesOf(readBasket(c), headersOf(c))
    if (lines.length === 0) return c.redirect('/basket', 303)
    const placed = await placeOrder(orders, headersOf(c), { customer, lines, key })
    if (typeof placed === 'string') {
      return show(c, 'Basket', await basketOf(c, randomUUID(), placed), 400)
    }
    writeBasket(c, new Map())
    return c.redirect(`/orders/${placed.id}`, 303)
  })

  app.get('/orders', async (c) =>
    show(c, 'Orders', orderList(await latestOrders(orders, headersOf(c)))),
  )

  app.get('/orders/:id', async (c) => {
    const order = await findOrder(orders, headersOf(c), c.req.param('id'))
    if (order === null) return notFound(c)
    return show(c, 'Thank you', confirmation(order))
  })

  app.get('/shop.css', (c) =>
    c.body(css, 200, { 'content-type': 'text/css', 'cache-control': 'public, max-age=86400' }),
  )

  app.notFound(notFound)

  app.onError((error, c) => {
    logError(`${c.req.method} ${c.req.path}`, error)
    const status = error instanceof UpstreamError ? 502 : 500
    const advice = 'It is not you, it is us. Nothing was lost: please try again in a moment.'
    return show(c, 'A moment, please', problem('A moment, please', advice), status)
  })

  function show(
    c: Context,
    title: string,
    body: Markup,
    status: 200 | 400 | 404 | 500 | 502 = 200,
  ) {
    return c.html(layout({ title, basketCount: countOf(readBasket(c)), version, body }), status)
  }

  function notFound(c: Context) {
    return show(c, 'Not here', problem('There is nothing here', 'It may have moved.'), 404)
  }

  async function basketOf(c: Context, key: string, refused: string | null): Promise<Markup> {
    return basketPage({ lines: await linesOf(readBasket(c), headersOf(c)), key, refused })
  }

  /** The basket at today's prices; what is no longer sold is left out. */
  async function linesOf(basket: Basket, headers: Headers): Promise<readonly Line[]> {
    if (basket.size === 0) return []
    const products = await listProducts(catalog, headers)
    return products.flatMap(({ id, name, priceCents }) => {
      const quantity = basket.get(id)
      if (quantity === undefined) return []
      return [{ productId: id, name, quantity, unitCents: priceCents }]
    })
  }

  return app
}

function headersOf(c: Context): Headers {
  return passedOn((name) => c.req.header(name))
}

function readBasket(c: Context): Basket {
  return parseBasket(getCookie(c, 'basket'))
}

function writeBasket(c: Context, basket: Basket): void {
  setCookie(c, 'basket', formatBasket(basket), { path: '/', httpOnly: true, sameSite: 'Lax' })
}

function keepBasket(c: Context, basket: Basket): Response {
  writeBasket(c, basket)
  return c.redirect('/basket', 303)
}

/** The fields of a form; what is missing or no text is empty. */
async function fieldsOf(c: Context) {
  const form = await c.req.parseBody()
  const field = (name: string) => {
    const value = form[name]
    return typeof value === 'string' ? value : ''
  }
  return {
    id: field('id'),
    quantity: field('quantity'),
    customer: field('customer'),
    // A form without a key is from nobody's page; it gets one, so that the order is placed once.
    key: field('key') || randomUUID(),
  }
}
