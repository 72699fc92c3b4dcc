import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

test('every code has its paragraph, and every paragraph its code', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
  const union = /type ConfigErrorCode =([\s\S]*?)\n\n/.exec(read('config-error.ts'))?.[1] ?? ''
  const codes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code)
  const headings = [...read('../../docs/errors/config.md').matchAll(/^## (\S+)$/gm)]
  assert.ok(codes.length > 0)
  assert.deepEqual(headings.map(([, heading]) => heading).toSorted(), codes.toSorted())
})
