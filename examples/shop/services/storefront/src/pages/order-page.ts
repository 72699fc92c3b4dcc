import { html } from 'hono/html'
import type { Order } from '../orders.ts'
import { sumOf } from './basket-page.ts'
import { euros, type Markup } from './layout.ts'

export function confirmation(order: Order): Markup {
  return html`
    <section class="intro">
      <h1>Thank you, ${order.customer}</h1>
      <p>Your order <code>${shortId(order)}</code> is placed. We are wrapping it already.</p>
    </section>
    <table class="lines">
      <tbody>${order.lines.map(
        ({ name, quantity, unitCents }) => html`<tr>
        <th scope="row">${name}</th>
        <td>${quantity} × ${euros(unitCents)}</td>
        <td>${euros(quantity * unitCents)}</td>
      </tr>`,
      )}</tbody>
      <tfoot>${saving(order)}<tr><th colspan="2" scope="row">Total</th><td>${euros(order.totalCents)}</td></tr></tfoot>
    </table>
    <p><a href="/">Back to the shelf</a></p>`
}

export function orderList(orders: readonly Order[]): Markup {
  if (orders.length === 0) {
    return html`<section class="intro"><h1>No orders yet</h1>
      <p><a href="/">Place the first</a></p></section>`
  }
  return html`
    <h1>Latest orders</h1>
    <table class="lines">
      <tbody>${orders.map(
        (order) => html`<tr>
        <th scope="row"><a href="/orders/${order.id}">${shortId(order)}</a></th>
        <td>${order.customer}</td>
        <td>${order.placedAt.slice(0, 16).replace('T', ' ')}</td>
        <td>${euros(order.totalCents)}</td>
      </tr>`,
      )}</tbody>
    </table>`
}

/** What the order costs less than its lines add up to. */
function saving({ lines, totalCents }: Order): Markup | '' {
  const savedCents = sumOf(lines) - totalCents
  if (savedCents <= 0) return ''
  return html`<tr class="saving"><th colspan="2" scope="row">You save</th><td>−${euros(savedCents)}</td></tr>`
}

/** Enough of the id to tell orders apart on a page. */
function shortId({ id }: Order): string {
  return id.slice(0, 8)
}
