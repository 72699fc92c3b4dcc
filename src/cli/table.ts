import { stripVTControlCharacters } from 'node:util'
import { paragraph } from './paragraph.ts'

const GAP = '  '

/**
 * Columns without borders, each as wide as its longest cell. On a terminal the last one is broken into
 * lines below its beginning; `columns` null: every row is one line.
 */
export function table(rows: readonly (readonly string[])[], columns: number | null = null): string {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: count - 1 }, (_, i) =>
    Math.max(0, ...rows.map((row) => visible(row[i] ?? ''))),
  )
  const before = widths.reduce((sum, width) => sum + width + GAP.length, 0)
  const lines = rows.map((row) => {
    const cells = widths.map((width, i) => pad(row[i] ?? '', width) + GAP).join('')
    return `${cells}${lastCell(row[count - 1] ?? '', before, columns)}`.trimEnd()
  })
  return lines.join('\n')
}

/** No narrower than a third of the terminal: what does not fit then is left to it. */
function lastCell(text: string, indent: number, columns: number | null): string {
  if (columns === null || indent + visible(text) <= columns || columns - indent < columns / 3) {
    return text
  }
  return paragraph(text, indent, columns).slice(indent)
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(width - visible(text))
}

function visible(text: string): number {
  return stripVTControlCharacters(text).length
}
