import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { logError } from '../../../lib/service.ts'
import { all, find, type Product, search } from './products.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const openapi = readFileSync(new URL('../openapi.yaml', import.meta.url), 'utf8')
// What most requests ask for is written once.
const allAsJson = toJson(all)
const eachAsJson = new Map(all.map((product) => [product.id, JSON.stringify(product)]))

export const app = new Hono()

app.get('/products', (c) => c.body(allAsJson, 200, JSON_TYPE))

app.get('/products/:id', (c) => {
  const id = c.req.param('id')
  const product = find(id)
  if (product === null) return c.json({ error: `there is no product ${id}` }, 404)
  return c.body(eachAsJson.get(id) ?? '', 200, JSON_TYPE)
})

app.get('/search', (c) => c.body(toJson(search(c.req.query('q') ?? '')), 200, JSON_TYPE))

app.get('/openapi.yaml', (c) => c.body(openapi, 200, { 'content-type': 'application/yaml' }))

app.notFound((c) => c.json({ error: `there is nothing at ${c.req.path}` }, 404))

app.onError((error, c) => {
  logError(`${c.req.method} ${c.req.path}`, error)
  return c.json({ error: 'the catalog failed; please try again' }, 500)
})

function toJson(products: readonly Product[]): string {
  return JSON.stringify({ products })
}
