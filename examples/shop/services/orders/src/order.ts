/** One product in an order. `unitCents` is the price that the customer was shown. */
export type Line = {
  readonly productId: string
  readonly name: string
  readonly quantity: number
  readonly unitCents: number
}

/** What a shop asks for. */
export type NewOrder = { readonly customer: string; readonly lines: readonly Line[] }

export type Order = NewOrder & {
  readonly id: string
  readonly totalCents: number
  /** ISO 8601, UTC. */
  readonly placedAt: string
}

const MOST_LINES = 50
const MOST_OF_ONE = 99
const HIGHEST_PRICE = 1_000_000

/** The order that a request's body asks for, or what is wrong with it in words. */
export function parseOrder(body: unknown): NewOrder | string {
  if (!isRecord(body)) return 'the body must be a JSON object'
  const { customer, lines } = body
  if (!isText(customer)) return 'customer must be a name of 1 to 200 characters'
  if (!Array.isArray(lines) || lines.length < 1 || lines.length > MOST_LINES) {
    return `lines must be a list of 1 to ${MOST_LINES} products`
  }
  const parsed: Line[] = []
  for (const [index, value] of lines.entries()) {
    const line = parseLine(value)
    if (typeof line === 'string') return `lines[${index}]: ${line}`
    parsed.push(line)
  }
  return { customer, lines: parsed }
}

function parseLine(value: unknown): Line | string {
  if (!isRecord(value)) return 'must be an object'
  const { productId, name, quantity, unitCents } = value
  if (!isText(productId)) return 'productId must be a text of 1 to 200 characters'
  if (!isText(name)) return 'name must be a text of 1 to 200 characters'
  if (!isWhole(quantity, 1, MOST_OF_ONE)) return `quantity must be 1 to ${MOST_OF_ONE}`
  if (!isWhole(unitCents, 0, HIGHEST_PRICE)) return `unitCents must be 0 to ${HIGHEST_PRICE}`
  return { productId, name, quantity, unitCents }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= 200
}

function isWhole(value: unknown, from: number, to: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to
}
