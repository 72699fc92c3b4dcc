import type { Line } from './order.ts'

/** What the customer pays for all lines, in cents. */
export function totalCents(lines: readonly Line[]): number {
  return lines.reduce((sum, { quantity, unitCents }) => sum + quantity * unitCents, 0)
}
