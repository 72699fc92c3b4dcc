import { html } from 'hono/html'
import type { Product } from '../catalog.ts'
import { drawing } from './drawing.ts'
import { euros, type Markup } from './layout.ts'

/** @param words what was searched for; empty: everything is shown */
export function home(products: readonly Product[], words: string): Markup {
  return html`
    <section class="intro">
      ${words === '' ? welcome() : html`<h1>“${words}”</h1><p>${found(products.length)}</p>`}
    </section>
    <ul class="shelf">${products.map(card)}</ul>`
}

function welcome(): Markup {
  return html`<h1>Quiet things for every day</h1>
      <p>Stoneware, linen, wood and light, from a few workshops that we know by name.</p>`
}

function found(count: number): Markup {
  if (count === 0) return html`Nothing of that name. <a href="/">See everything</a>`
  return html`${count} ${count === 1 ? 'thing' : 'things'} found. <a href="/">See everything</a>`
}

function card(product: Product): Markup {
  return html`<li><a class="card" href="/products/${product.id}">
        ${drawing(product)}
        <span class="name">${product.name}</span>
        <span class="kind">${product.kind}</span>
        <span class="price">${euros(product.priceCents)}</span>
      </a></li>`
}
