import { z } from 'zod'

/**
 * A map that has exactly one of these keys: a union written so that a typo in the key is told as
 * an unknown key, not as "none of four shapes".
 */
export function exactlyOne<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const names = Object.keys(shape).join(', ')
  return z
    .strictObject(shape)
    .partial()
    .refine((value) => Object.keys(value).length === 1, {
      error: `must have exactly one of ${names}`,
    })
    .meta({ minProperties: 1, maxProperties: 1 })
}

/** One item, or a list of them; parsed to a list. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.union([item.transform((one) => [one]), z.array(item)])
}
