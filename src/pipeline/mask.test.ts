import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { maskerOf } from './mask.ts'

function masked(secrets: readonly string[], pieces: readonly string[]): string {
  const masker = maskerOf(secrets)
  return pieces.map((piece) => masker.write(piece)).join('') + masker.end()
}

test('shows everything when there are no secrets, at once', () => {
  assert.equal(maskerOf([]).write('abc'), 'abc')
})

test('holds back no more than what may become a secret', () => {
  const masker = maskerOf(['secret'])
  assert.equal(masker.write('my sec'), 'my ')
  assert.equal(masker.write('tion\n'), 'section\n')
  assert.equal(masker.end(), '')
})

test('takes out a secret and its encodings wherever the text is cut', () => {
  const secret = 'pä55/w+rd?'
  const forms = [
    secret,
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
    encodeURIComponent(secret),
  ]
  for (const form of forms) {
    for (let cut = 0; cut <= form.length; cut++) {
      const text = masked([secret], [`<${form.slice(0, cut)}`, `${form.slice(cut)}>`])
      assert.match(text, /^<\*\*\*=*>$/, `${form} at ${cut}`)
    }
  }
})

test('takes out the part of a longer base64 text that the secret decides', () => {
  for (const user of ['a', 'ab', 'abc']) {
    const header = Buffer.from(`${user}:correct horse battery`).toString('base64')
    const text = masked(['correct horse battery'], [header])
    assert.match(text, /\*\*\*/)
    assert.doesNotMatch(Buffer.from(text, 'base64').toString(), /rrect horse batt/)
  }
})

test('a secret that begins another one does not leave the rest of it', () => {
  assert.equal(masked(['abc', 'abcdef'], ['xabc', 'def', 'abcx']), 'x******x')
})

test('never shows a secret, and shows the same however the text is cut', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 5 })
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 40 })
  fc.assert(
    fc.property(
      fc.array(letters, { minLength: 1, maxLength: 3 }),
      fc.array(text),
      (secrets, pieces) => {
        const whole = masked(secrets, [pieces.join('')])
        assert.equal(masked(secrets, pieces), whole)
        for (const part of whole.split('***')) {
          for (const secret of secrets) assert.ok(!part.includes(secret))
        }
      },
    ),
  )
})
