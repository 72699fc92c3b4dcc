import type { Headers, Upstream } from './upstream.ts'

export type Line = {
  readonly productId: string
  readonly name: string
  readonly quantity: number
  readonly unitCents: number
}

export type Order = {
  readonly id: string
  readonly customer: string
  readonly lines: readonly Line[]
  readonly totalCents: number
  readonly placedAt: string
}

/** @returns the order, or why it was refused in words */
export async function placeOrder(
  orders: Upstream,
  headers: Headers,
  order: { readonly customer: string; readonly lines: readonly Line[]; readonly key: string },
): Promise<Order | string> {
  const { customer, lines, key } = order
  const answer = await orders.post(
    '/orders',
    { ...headers, 'idempotency-key': key },
    { customer, lines },
  )
  if (answer.status === 200 || answer.status === 201) return answer.body as Order
  return (answer.body as { error: string }).error
}

/** Null: there is none. */
export async function findOrder(
  orders: Upstream,
  headers: Headers,
  id: string,
): Promise<Order | null> {
  const { status, body } = await orders.get(`/orders/${encodeURIComponent(id)}`, headers)
  return status === 200 ? (body as Order) : null
}

export async function latestOrders(orders: Upstream, headers: Headers): Promise<readonly Order[]> {
  const { body } = await orders.get('/orders?limit=20', headers)
  return (body as { orders: Order[] }).orders
}
