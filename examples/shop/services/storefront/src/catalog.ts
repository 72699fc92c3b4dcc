import type { Headers, Upstream } from './upstream.ts'

/** What the pages show of a product; the catalog may say more. */
export type Product = {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly priceCents: number
  readonly description: string
  readonly picture: string
  readonly hue: number
}

export async function listProducts(
  catalog: Upstream,
  headers: Headers,
): Promise<readonly Product[]> {
  const { body } = await catalog.get('/products', headers)
  return (body as { products: Product[] }).products
}

export async function searchProducts(
  catalog: Upstream,
  headers: Headers,
  words: string,
): Promise<readonly Product[]> {
  const { body } = await catalog.get(`/search?q=${encodeURIComponent(words)}`, headers)
  return (body as { products: Product[] }).products
}

/** Null: there is none. */
export async function findProduct(
  catalog: Upstream,
  headers: Headers,
  id: string,
): Promise<Product | null> {
  const { status, body } = await catalog.get(`/products/${encodeURIComponent(id)}`, headers)
  return status === 200 ? (body as Product) : null
}
