import { z } from 'zod'

/** Kubernetes' suffixes: powers of 1024 with an i, of 1000 without. */
const bytesPer = { Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, k: 1e3, M: 1e6, G: 1e9 } as const
type Unit = keyof typeof bytesPer

const written = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|k|M|G)$/

/** An amount of memory as written, `256Mi`; parsed to bytes. At least 1M: less is a slip of the unit. */
export const Size = z
  .string()
  .regex(written)
  .transform(bytesOf)
  .refine((bytes) => bytes >= bytesPer.M && bytes <= Number.MAX_SAFE_INTEGER, {
    error: 'must be at least 1M',
  })
  .meta({ 'x-form': 'a size such as 256Mi or 2Gi', 'x-unit': 'Mi' })

function bytesOf(text: string): number {
  const [, amount, unit] = written.exec(text) ?? []
  return Math.round(Number(amount) * bytesPer[unit as Unit])
}

/** The text that means so many bytes: a whole number in the largest unit that divides them. */
export function formatSize(bytes: number): string {
  const units: readonly Unit[] = ['Gi', 'Mi', 'Ki', 'G', 'M', 'k']
  const unit = units.find((each) => bytes % bytesPer[each] === 0)
  return unit === undefined ? `${bytes / bytesPer.k}k` : `${bytes / bytesPer[unit]}${unit}`
}
