import Table from 'cli-table3'

const BARE = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** Columns without borders, as wide as their longest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = new Table({
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  })
  cells.push(...rows.map((row) => [...row]))
  return cells
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
