/**
 * A text broken at blanks into lines of at most `columns` characters, each behind the indent; a longer
 * word (an address) stays whole. `columns` null: one line, as a pipe wants it.
 */
export function paragraph(text: string, indent: number, columns: number | null): string {
  const margin = ' '.repeat(indent)
  if (columns === null) return `${margin}${text}`
  const width = Math.max(columns - indent, 20)
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines.push(`${lines.pop()} ${word}`)
    else lines.push(word)
  }
  return lines.map((line) => `${margin}${line}`).join('\n')
}
