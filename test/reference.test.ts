import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')

const PAGES = [
  { page: 'slipway-yaml.md', script: 'reference.mjs', source: 'the schema says' },
  { page: 'cli.md', script: 'cli-reference.mjs', source: 'the verbs say' },
] as const

for (const { page, script, source } of PAGES) {
  test(`docs/${page} says what ${source}`, () => {
    const path = join(root, 'scripts', script)
    const made = execFileSync(process.execPath, [path, '--print'], { encoding: 'utf8' })
    const kept = readFileSync(join(root, 'docs', page), 'utf8')
    assert.equal(kept, made, `it is stale: run \`node scripts/${script}\``)
  })
}
