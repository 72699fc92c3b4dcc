import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import type { Line, NewOrder, Order } from './order.ts'
import { totalCents } from './price.ts'

/**
 * - `placed`: it is new
 * - `repeated`: the key was used for the very same order before; here it is
 * - `mixed-up`: the key belongs to another order
 */
export type Placing =
  | { readonly kind: 'placed' | 'repeated'; readonly order: Order }
  | { readonly kind: 'mixed-up' }

type Row = {
  readonly id: string
  readonly customer: string
  readonly total_cents: number
  readonly placed_at: Date
  readonly lines: readonly Line[]
}

const PLACE = {
  name: 'place-order',
  text: `with placed as (
      insert into orders (customer, total_cents, idempotency_key, fingerprint)
      values ($1, $2, $3, $4)
      on conflict (idempotency_key) do nothing
      returning id, placed_at
    ), lines as (
      insert into order_lines (order_id, position, product_id, name, quantity, unit_cents)
      select placed.id, line.position, line.value ->> 'productId', line.value ->> 'name',
        (line.value ->> 'quantity')::smallint, (line.value ->> 'unitCents')::integer
      from placed, json_array_elements($5::json) with ordinality as line (value, position)
    )
    select id, placed_at from placed`,
}

const COLUMNS = `o.id, o.customer, o.total_cents, o.placed_at, (
    select json_agg(json_build_object('productId', l.product_id, 'name', l.name,
      'quantity', l.quantity, 'unitCents', l.unit_cents) order by l.position)
    from order_lines l where l.order_id = o.id
  ) as lines`

const BY_KEY = {
  name: 'order-by-key',
  text: `select ${COLUMNS}, o.fingerprint from orders o where o.idempotency_key = $1`,
}
const BY_ID = { name: 'order-by-id', text: `select ${COLUMNS} from orders o where o.id = $1` }
const LATEST = {
  name: 'latest-orders',
  text: `select ${COLUMNS} from orders o order by o.placed_at desc limit $1`,
}

/** Places an order once per key. @param key null: the caller takes the risk of placing it twice */
export async function place(pool: Pool, order: NewOrder, key: string | null): Promise<Placing> {
  const total = totalCents(order.lines)
  const lines = JSON.stringify(order.lines)
  const fingerprint = createHash('sha256').update(order.customer).update(lines).digest('base64')
  const { rows } = await pool.query<Pick<Row, 'id' | 'placed_at'>>({
    ...PLACE,
    values: [order.customer, total, key, fingerprint, lines],
  })
  const placed = rows[0]
  if (placed === undefined) return repeated(pool, key, fingerprint)
  const { id, placed_at } = placed
  return {
    kind: 'placed',
    order: { id, ...order, totalCents: total, placedAt: placed_at.toISOString() },
  }
}

/** Null: there is none. */
export async function find(pool: Pool, id: string): Promise<Order | null> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return null
  const { rows } = await pool.query<Row>({ ...BY_ID, values: [id] })
  return rows[0] === undefined ? null : toOrder(rows[0])
}

/** The latest first. */
export async function latest(pool: Pool, limit: number): Promise<readonly Order[]> {
  const { rows } = await pool.query<Row>({ ...LATEST, values: [limit] })
  return rows.map(toOrder)
}

async function repeated(pool: Pool, key: string | null, fingerprint: string): Promise<Placing> {
  const { rows } = await pool.query<Row & { readonly fingerprint: string }>({
    ...BY_KEY,
    values: [key],
  })
  const row = rows[0]
  if (row === undefined) throw new Error('an order was neither placed nor found by its key')
  if (row.fingerprint !== fingerprint) return { kind: 'mixed-up' }
  return { kind: 'repeated', order: toOrder(row) }
}

function toOrder({ id, customer, lines, total_cents, placed_at }: Row): Order {
  return { id, customer, lines, totalCents: total_cents, placedAt: placed_at.toISOString() }
}
