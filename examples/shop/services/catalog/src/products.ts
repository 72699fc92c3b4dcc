import products from '../data/products.json' with { type: 'json' }

export type Product = {
  /** Lower case with dashes; never changes. */
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly priceCents: number
  readonly description: string
  /** Which drawing a shop may show, and its colour in degrees. */
  readonly picture: string
  readonly hue: number
}

export const all: readonly Product[] = products

const byId = new Map(all.map((product) => [product.id, product]))

/** Null: there is none. */
export function find(id: string): Product | null {
  return byId.get(id) ?? null
}

/** Products with every word of the query in their name, kind or description, those with it in the name first. */
export function search(query: string): readonly Product[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return all
  const found = all.filter((product) => has(text(product), words))
  return [...found].sort((a, b) => rank(a, words) - rank(b, words))
}

function text({ name, kind, description }: Product): string {
  return `${name} ${kind} ${description}`
}

function rank(product: Product, words: readonly string[]): number {
  return has(product.name, words) ? 0 : 1
}

function has(haystack: string, words: readonly string[]): boolean {
  const lower = haystack.toLowerCase()
  return words.every((word) => lower.includes(word))
}
