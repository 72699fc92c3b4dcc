import { html, raw } from 'hono/html'
import type { Product } from '../catalog.ts'
import type { Markup } from './layout.ts'

// Each drawing fills 120 × 120 in the colours a (body), b (shade) and c (light) of shop.css.
const DRAWINGS: Readonly<Record<string, string>> = {
  mug: '<path class="b" d="M76 52h10a13 13 0 0 1 0 30H74v-8h11a5 5 0 0 0 0-14H76z"/><path class="a" d="M34 42h44v40a10 10 0 0 1-10 10H44a10 10 0 0 1-10-10z"/><ellipse class="c" cx="56" cy="42" rx="22" ry="5"/>',
  teapot:
    '<path class="b" d="M78 80c10-2 10-12 13-22l9-6-2 6c-5 14-6 28-20 30zM40 56c-26-6-26 32 0 28v-6c-16 2-16-20 0-16z"/><path class="a" d="M34 72c0-32 52-32 52 0 0 12-8 20-14 20H48c-6 0-14-8-14-20z"/><path class="c" d="M46 53c2-8 26-8 28 0-8 4-20 4-28 0z"/><circle class="b" cx="60" cy="44" r="4.5"/>',
  cloth:
    '<path class="b" d="M28 44l54-10 12 44-54 12z"/><path class="a" d="M26 52h60v40H26z"/><path class="c" d="M26 60h60v3H26zM26 81h60v3H26z"/>',
  tray: '<rect class="b" x="20" y="58" width="80" height="24" rx="12"/><rect class="a" x="20" y="52" width="80" height="24" rx="12"/><rect class="c" x="28" y="57" width="64" height="13" rx="6.5"/>',
  bowl: '<path class="a" d="M26 56h68c0 22-14 36-24 36H50C40 92 26 78 26 56z"/><ellipse class="b" cx="60" cy="56" rx="34" ry="9"/><ellipse class="c" cx="60" cy="57" rx="26" ry="5.5"/>',
  vase: '<path class="b" d="M59 42c-4-14-14-16-20-26 12 2 20 10 22 18 1-10 6-18 14-22-1 12-10 16-12 30z"/><path class="a" d="M50 40h20c0 10-2 12 4 22 8 14 2 34-4 34H50c-6 0-12-20-4-34 6-10 4-12 4-22z"/><ellipse class="c" cx="60" cy="40" rx="10" ry="2.5"/>',
  blanket:
    '<path class="a" d="M30 40h52a10 10 0 0 1 10 10v40H40a10 10 0 0 1-10-10z"/><path class="b" d="M30 40a10 10 0 0 0 0 20h52a10 10 0 0 0 0-20z"/><path class="c" d="M40 70h52v4H40zM40 80h52v4H40z"/>',
  candle:
    '<path class="c" d="M60 22c8 10 8 18 0 20-8-2-8-10 0-20z"/><path class="b" d="M59 40h2v10h-2z"/><rect class="a" x="46" y="50" width="28" height="42" rx="4"/><ellipse class="b" cx="60" cy="51" rx="14" ry="3.5"/>',
  jug: '<path class="b" d="M76 48c18-4 20 28 2 30l-2-6c9-2 9-20 0-18z"/><path class="a" d="M42 34l-6-4h38l2 12c10 20 6 50-6 50H46c-12 0-14-28-6-46z"/><path class="c" d="M39 66h39c1 12-3 22-9 22H47c-6 0-9-10-8-22z"/>',
  plate:
    '<circle class="b" cx="60" cy="62" r="36"/><circle class="a" cx="60" cy="60" r="36"/><circle class="c" cx="60" cy="60" r="23"/>',
  lamp: '<path class="b" d="M58 50h4v36h-4z"/><path class="a" d="M46 26h28l14 28H32z"/><path class="c" d="M50 54h20a10 8 0 0 1-20 0z"/><ellipse class="b" cx="60" cy="90" rx="20" ry="5"/>',
  spoon:
    '<path class="b" d="M62 58l6-4 26 36a5 5 0 0 1-8 6z"/><ellipse class="a" cx="50" cy="43" rx="17" ry="23" transform="rotate(-36 50 43)"/><ellipse class="c" cx="48" cy="41" rx="11" ry="16" transform="rotate(-36 48 41)"/>',
}

/** A picture in the product's own colour; a shape that nobody has drawn yet is a plain disc. */
export function drawing({ picture, hue }: Pick<Product, 'picture' | 'hue'>): Markup {
  const shapes = DRAWINGS[picture] ?? '<circle class="a" cx="60" cy="60" r="30"/>'
  return html`<svg class="drawing" viewBox="0 0 120 120" style="--hue:${hue}" aria-hidden="true">${raw(shapes)}</svg>`
}
