import { z } from 'zod'
import { Text } from './name.ts'
import type { EnvValue } from './project.ts'
import { exactlyOne } from './shorthand.ts'

const VariableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
  .meta({ 'x-form': "a variable's name: letters, digits and _" })

const Secret = exactlyOne({
  env: VariableName.describe("Variable of Slipway's own environment to read it from when needed."),
  file: Text.describe('File to read it from when needed; a last line break is dropped.'),
})

const Value = z
  .union([z.string(), z.number(), z.boolean(), Secret])
  .transform((value): EnvValue => {
    if (typeof value !== 'object') return String(value)
    return value.env === undefined ? { file: value.file ?? '' } : { env: value.env }
  })
  .meta({ 'x-form': 'text, a number, true, false, { env: NAME } or { file: PATH }' })

/** Variable → value, or where to read a secret: `{ LOG: info, TOKEN: { env: SHOP_TOKEN } }`. */
export const EnvironMap = z.record(VariableName, Value).prefault({})

/** Variable → the values it takes in turn; one step for each combination. */
export const Matrix = z
  .record(
    VariableName,
    z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String)).min(1),
  )
  .prefault({})
