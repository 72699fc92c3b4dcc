import { html } from 'hono/html'
import type { Markup } from './layout.ts'

export function problem(title: string, advice: string): Markup {
  return html`<section class="intro">
      <h1>${title}</h1>
      <p>${advice} <a href="/">Back to the shelf</a></p>
    </section>`
}
