import { html } from 'hono/html'

/** What hono's `html` makes: text that is escaped already. */
export type Markup = ReturnType<typeof html>

export type Page = {
  readonly title: string
  readonly basketCount: number
  readonly version: string
  readonly body: Markup
}

export function layout({ title, basketCount, version, body }: Page): Markup {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Kiln &amp; Loom</title>
    <link rel="stylesheet" href="/shop.css?v=${version}">
    <link rel="icon" href="data:,">
  </head>
  <body>
    <header class="top">
      <a class="brand" href="/">Kiln <i>&amp;</i> Loom</a>
      <form class="find" action="/" role="search">
        <input type="search" name="q" aria-label="Search" placeholder="Search">
      </form>
      <nav>
        <a href="/orders">Orders</a>
        <a class="basket" href="/basket">Basket${basketCount > 0 ? html` <b>${basketCount}</b>` : ''}</a>
      </nav>
    </header>
    <main>${body}</main>
    <footer>
      <span>Made slowly, sent quickly.</span>
      <span class="version">Version ${version}</span>
    </footer>
  </body>
</html>
`
}

/** `1890` → `€18.90` */
export function euros(cents: number): string {
  return `€${(cents / 100).toFixed(2)}`
}
