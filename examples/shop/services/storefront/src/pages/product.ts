import { html } from 'hono/html'
import type { Product } from '../catalog.ts'
import { drawing } from './drawing.ts'
import { euros, type Markup } from './layout.ts'

export function productPage(product: Product): Markup {
  return html`
    <p class="trail"><a href="/">Everything</a> / ${product.kind}</p>
    <article class="product">
      ${drawing(product)}
      <div>
        <h1>${product.name}</h1>
        <p class="price">${euros(product.priceCents)}</p>
        <p>${product.description}</p>
        <form class="add" method="post" action="/basket">
          <input type="hidden" name="id" value="${product.id}">
          <label>Quantity <input type="number" name="quantity" value="1" min="1" max="99"></label>
          <button>Put in the basket</button>
        </form>
      </div>
    </article>`
}
