/**
 * Clicks through a running shop as a customer would: a page, a product, an order, its confirmation.
 * STOREFRONT_URL, CATALOG_URL and ORDERS_URL say where it runs. Exits 1 at the first thing that is wrong.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

const storefront = address('STOREFRONT_URL')
const catalog = address('CATALOG_URL')
const orders = address('ORDERS_URL')

const { products } = await json(`${catalog}/products`)
assert.ok(products.length > 0, 'the catalog sells nothing')
const product = products[0]
report('the catalog sells', `${products.length} things`)

const homePage = await page('/')
assert.ok(
  homePage.includes(`/products/${product.id}`),
  'the home page does not link to the product',
)
const productPage = await page(`/products/${product.id}`)
assert.ok(productPage.includes(product.name), 'the product page does not name the product')
report('pages show', product.name)

const added = await submit('/basket', { id: product.id, quantity: '2' }, '')
const basket = added.headers.get('set-cookie')?.split(';')[0] ?? ''
const customer = `Smoke ${randomUUID().slice(0, 8)}`
const key = randomUUID()
const first = await submit('/checkout', { customer, key }, basket)
const second = await submit('/checkout', { customer, key }, basket)
const place = first.headers.get('location') ?? ''
assert.match(place, /^\/orders\/[0-9a-f-]{36}$/, `checking out led to ${place || first.status}`)
assert.equal(second.headers.get('location'), place, 'the same form sent twice placed two orders')
report('the basket became', place)

const confirmation = await page(place)
assert.ok(confirmation.includes(customer), 'the confirmation does not name the customer')
const order = await json(`${orders}${place}`)
assert.equal(order.customer, customer)
assert.deepEqual(
  order.lines.map(({ productId, quantity }: { productId: string; quantity: number }) => [
    productId,
    quantity,
  ]),
  [[product.id, 2]],
)
report('orders kept', `${order.lines.length} line for ${order.totalCents} cents`)

function address(name: string): string {
  const value = process.env[name]
  if (value) return value.replace(/\/$/, '')
  console.error(`${name} is not set: give it the address of the service`)
  process.exit(2)
}

async function page(path: string): Promise<string> {
  const answer = await fetch(`${storefront}${path}`)
  assert.equal(answer.status, 200, `${path} answered ${answer.status}`)
  return answer.text()
}

async function json(url: string) {
  const answer = await fetch(url)
  assert.equal(answer.status, 200, `${url} answered ${answer.status}`)
  return JSON.parse(await answer.text())
}

async function submit(path: string, fields: Record<string, string>, cookie: string) {
  const body = new URLSearchParams(fields)
  const answer = await fetch(`${storefront}${path}`, {
    method: 'POST',
    headers: { cookie },
    body,
    redirect: 'manual',
  })
  assert.equal(answer.status, 303, `${path} answered ${answer.status}`)
  return answer
}

function report(what: string, detail: string): void {
  console.log(`✓ ${what} ${detail}`)
}
