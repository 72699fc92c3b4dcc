import { posix } from 'node:path'
import { z } from 'zod'

const MAX_LENGTH = 40

/** Names become host names (`preview--orders.production.localhost`), so a DNS label with room to spare. */
export const Name = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
  .max(MAX_LENGTH)
  .meta({ 'x-form': `a name of small letters, digits and single -, at most ${MAX_LENGTH} long` })

/** The nearest text that is a Name; null: nothing of it can be one. */
export function nameLike(text: string): string | null {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX_LENGTH)
    .replace(/-+$/, '')
  return name === '' ? null : name
}

/** Text with something in it: a command line, a person, a branch. */
export const Text = z.string().regex(/\S/).meta({ 'x-form': 'text' })

/** A path below the folder that it is relative to, with `/`; parsed without `./` and a last `/`. */
export const RelativePath = z
  .string()
  .regex(/\S/)
  .refine(staysInside, {
    error: 'leaves the repository: write a path below the folder of slipway.yaml, with /',
  })
  .transform(plainPath)
  .meta({ 'x-form': 'a path' })

/** A pattern of paths: `src/**`, `*.json`. */
export const Glob = z
  .string()
  .regex(/\S/)
  .refine(staysInside, { error: 'leaves the repository: write a pattern below its folder' })
  .meta({ 'x-form': 'a pattern of paths such as src/**' })

export function plainPath(path: string): string {
  const plain = posix.normalize(path).replace(/\/+$/, '')
  return plain === '' ? '.' : plain
}

function staysInside(path: string): boolean {
  if (path.includes('\\') || path.includes('\0') || posix.isAbsolute(path)) return false
  const plain = posix.normalize(path)
  return plain !== '..' && !plain.startsWith('../')
}
