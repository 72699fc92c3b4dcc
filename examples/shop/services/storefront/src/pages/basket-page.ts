import { html } from 'hono/html'
import type { Line } from '../orders.ts'
import { euros, type Markup } from './layout.ts'

export type Checkout = {
  readonly lines: readonly Line[]
  /** The Idempotency-Key of the order that this form places: sent twice, it is still one order. */
  readonly key: string
  /** Why the last try was refused; null: there was none. */
  readonly refused: string | null
}

export function basketPage({ lines, key, refused }: Checkout): Markup {
  if (lines.length === 0) {
    return html`<section class="intro"><h1>Your basket is empty</h1>
      <p><a href="/">See what there is</a></p></section>`
  }
  return html`
    <h1>Your basket</h1>
    ${refused === null ? '' : html`<p class="notice" role="alert">${refused}</p>`}
    <table class="lines">
      <tbody>${lines.map(row)}</tbody>
      <tfoot><tr><th colspan="2" scope="row">Total</th><td>${euros(sumOf(lines))}</td></tr></tfoot>
    </table>
    <form class="checkout" method="post" action="/checkout">
      <input type="hidden" name="key" value="${key}">
      <label>Your name <input name="customer" required maxlength="200" autocomplete="name"></label>
      <button>Place the order</button>
    </form>`
}

export function sumOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { quantity, unitCents }) => sum + quantity * unitCents, 0)
}

function row({ productId, name, quantity, unitCents }: Line): Markup {
  return html`<tr>
        <th scope="row"><a href="/products/${productId}">${name}</a></th>
        <td><form class="change" method="post" action="/basket/change">
          <input type="hidden" name="id" value="${productId}">
          <input type="number" name="quantity" value="${quantity}" min="0" max="99" aria-label="Quantity of ${name}">
          <button class="quiet">Change</button>
        </form></td>
        <td>${euros(quantity * unitCents)}</td>
      </tr>`
}
