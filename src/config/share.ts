import { z } from 'zod'

const written = /^\d+(?:\.\d+)?%$/

/**
 * A part of the whole as written, `0.1%`; parsed to 0..1. The sign is required: a bare 1 could mean
 * one percent or all, and the difference is an outage.
 */
export const Percent = z
  .string()
  .regex(written)
  .transform(shareOf)
  .refine((share) => share <= 1, { error: 'must be at most 100%' })
  .meta({ 'x-form': 'a percentage such as 0.1%', 'x-unit': '%' })

/** An accepted chance of error of the judge: `0.01` or `1%`, over 0 and under one half. */
export const Chance = z
  .union([z.number(), z.string().regex(written).transform(shareOf)])
  .refine((chance) => chance > 0 && chance < 0.5, {
    error: 'must be over 0 and under 0.5: the chance of a wrong verdict that you accept',
  })
  .meta({ 'x-form': 'a chance such as 0.01 or 1%' })

/** Dividing the decimal text's shifted value, not multiplying by 0.01, keeps 0.1% at exactly 0.001. */
function shareOf(text: string): number {
  return Number(text.slice(0, -1)) / 100
}

/** The text that Percent parses back to exactly this share. */
export function formatPercent(share: number): string {
  const short = `${Number((share * 100).toPrecision(12))}%`
  return shareOf(short) === share ? short : `${plainDecimal(share * 100)}%`
}

/** A number without an exponent, which the written form does not allow. */
function plainDecimal(value: number): string {
  return value.toFixed(20).replace(/\.?0+$/, '')
}
