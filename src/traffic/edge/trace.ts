import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 4096
const ID_BYTES = 24
const pool = Buffer.alloc(POOL_BYTES)
let used = POOL_BYTES

/**
 * A new `traceparent`, sampled. Random bytes are drawn for 170 of them at once.
 * Source: W3C Trace Context, section 3.2.
 */
export function newTraceparent(): string {
  if (used + ID_BYTES > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  const trace = pool.toString('hex', used, used + 16)
  const span = pool.toString('hex', used + 16, used + ID_BYTES)
  used += ID_BYTES
  return `00-${trace}-${span}-01`
}
