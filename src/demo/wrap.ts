/**
 * Breaks lines that are longer than `columns` between words; what goes on is indented two more than
 * the line was. A word that is longer than a line stays whole.
 */
export function wrap(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, columns))
    .join('\n')
}

function wrapLine(line: string, columns: number): readonly string[] {
  if (line.length <= columns) return [line]
  const indent = /^ */.exec(line)![0]
  const lines: string[] = []
  let current = indent
  for (const word of line.trim().split(' ')) {
    const isFirst = current.trim() === ''
    if (!isFirst && current.length + 1 + word.length > columns) {
      lines.push(current)
      current = `${indent}  ${word}`
    } else current = isFirst ? current + word : `${current} ${word}`
  }
  return [...lines, current]
}
