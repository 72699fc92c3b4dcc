/** Product id → how many, in the order in which they were put in. It lives in a cookie. */
export type Basket = ReadonlyMap<string, number>

const MOST_OF_ONE = 99
const MOST_PRODUCTS = 20

/** `harbour-mug.2_oak-tray.1`; what is not that is left out, because cookies come from outside. */
export function parseBasket(text: string | undefined): Basket {
  const basket = new Map<string, number>()
  for (const item of (text ?? '').split('_').slice(0, MOST_PRODUCTS)) {
    const match = /^([a-z0-9-]{1,60})\.([1-9]\d?)$/.exec(item)
    if (match?.[1] !== undefined) basket.set(match[1], Number(match[2]))
  }
  return basket
}

export function formatBasket(basket: Basket): string {
  return [...basket].map(([id, quantity]) => `${id}.${quantity}`).join('_')
}

/** The basket with so many of a product; 0 takes it out. Whatever is no whole number up to 99 changes nothing. */
export function withQuantity(basket: Basket, id: string, quantity: number): Basket {
  if (!Number.isInteger(quantity) || quantity < 0 || quantity > MOST_OF_ONE) return basket
  const next = new Map(basket)
  if (quantity === 0) next.delete(id)
  else if (next.has(id) || next.size < MOST_PRODUCTS) next.set(id, quantity)
  return next
}

export function countOf(basket: Basket): number {
  let count = 0
  for (const quantity of basket.values()) count += quantity
  return count
}
