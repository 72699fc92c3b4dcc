import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hodgesLehmann, oneSidedP, zScore } from './mann-whitney.ts'

test('the exact chance is that of the orders at least as extreme', () => {
  assert.equal(oneSidedP([6, 7, 8, 9, 10], [1, 2, 3, 4, 5]), 1 / 252)
  assert.equal(oneSidedP([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]), 1)
})

test('z is corrected for ties and continuity, and nothing when all are equal', () => {
  // U = 11.5, mean 8, variance 16/12 · (9 − (3·6)/56)
  const expected = (11.5 - 8 - 0.5) / Math.sqrt((16 / 12) * (9 - 18 / 56))
  assert.ok(Math.abs(zScore([2, 3, 4, 5], [1, 2, 3, 4]) - expected) < 1e-12)
  assert.equal(zScore([0, 0, 0], [0, 0, 0]), 0)
})

test('the shift is the median of all differences', () => {
  assert.equal(hodgesLehmann([3, 5], [1, 2]), 2.5)
})
