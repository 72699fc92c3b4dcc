import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')

test('docs/slipway-yaml.md says what the schema says', () => {
  const script = join(root, 'scripts', 'reference.mjs')
  const made = execFileSync(process.execPath, [script, '--print'], { encoding: 'utf8' })
  const page = readFileSync(join(root, 'docs', 'slipway-yaml.md'), 'utf8')
  assert.equal(page, made, 'it is stale: run `node scripts/reference.mjs`')
})
