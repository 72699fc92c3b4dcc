import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wrap } from './wrap.ts'

test('long lines break between words and go on further in, short ones stay', () => {
  assert.equal(wrap('short\n  one two three four', 12), 'short\n  one two\n    three\n    four')
})

test('a word that is longer than the line stays whole', () => {
  assert.equal(wrap('a sha256:0123456789', 10), 'a\n  sha256:0123456789')
})
