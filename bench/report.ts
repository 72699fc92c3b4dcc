import Table from 'cli-table3'
import type { Figure } from './figure.ts'

/** Columns of text that the others may take before their line is broken. */
const WIDEST = 44

/** All figures, each beside its peers and its aim. */
export function figureTable(figures: readonly Figure[]): string {
  const head = ['part', 'what', 'slipway', 'others', 'aim', '']
  const table = new Table({
    head,
    colWidths: [null, null, null, WIDEST, null, null],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  })
  for (const { part, what, value, unit, peers = [], aim } of figures) {
    const others = peers.map((peer) => `${peer.name} ${rounded(peer.value)}`).join(', ')
    const met = aim === undefined ? '' : aim.isMet ? 'met' : 'NOT MET'
    table.push([part, what, `${rounded(value)} ${unit}`, others, aim?.text ?? '', met])
  }
  return table.toString()
}

/** Three digits, or all of an integer part. */
export function rounded(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return String(Math.round(value))
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2)
}
