import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** The port of each workload's direct address: instances that outlive the node have it in their environment. */
export interface DirectPortFile {
  load(): Readonly<Record<string, number>>
  save(ports: Readonly<Record<string, number>>): void
}

const schema = z.record(z.string(), z.number().int().min(1).max(65_535))

/** A file that is missing or damaged counts as empty: instances with another address are then replaced. */
export function directPortFile(folder: string): DirectPortFile {
  const file = join(folder, 'direct-ports.json')
  return {
    load() {
      const parsed = schema.safeParse(parse(readIfThere(file)))
      return parsed.success ? parsed.data : {}
    },
    save(ports) {
      writeFileSync(`${file}.new`, JSON.stringify(ports), { mode: 0o600 })
      renameSync(`${file}.new`, file)
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '{}'
    throw error
  }
}
