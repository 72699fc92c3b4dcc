import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cycles } from './cycle.ts'
import { formatDuration, secondsOf } from './duration.ts'
import { nameLike } from './name.ts'
import { distance, nearest } from './nearest.ts'
import { formatPercent, Percent } from './share.ts'
import { formatSize, Size } from './size.ts'

test('the distance of words: insert, delete, replace, swap neighbours', () => {
  const table = [
    ['', '', 0],
    ['ready', 'ready', 0],
    ['reday', 'ready', 1],
    ['redy', 'ready', 1],
    ['readdy', 'ready', 1],
    ['raedy', 'ready', 1],
    ['ca', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
  ] as const
  for (const [from, to, expected] of table) assert.equal(distance(from, to), expected, from)
})

test('the nearest word, or none when none is near', () => {
  assert.equal(nearest('reday', ['needs', 'ready', 'env']), 'ready')
  assert.equal(nearest('ENV', ['needs', 'env']), 'env')
  assert.equal(nearest('banana', ['needs', 'env']), null)
  assert.equal(nearest('x', []), null)
})

test('circles are told as the way round, whatever leads into them', () => {
  assert.deepEqual(cycles({ a: ['b'], b: ['c'], c: ['b'] }), [['b', 'c', 'b']])
  assert.deepEqual(cycles({ a: ['a'] }), [['a', 'a']])
  assert.deepEqual(cycles({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }), [])
  assert.deepEqual(cycles({ a: ['nobody'] }), [])
})

test('lengths of time', () => {
  const table = [
    ['500ms', 0.5],
    ['10s', 10],
    ['1.5m', 90],
    ['2h', 7200],
    ['3d', 259_200],
  ] as const
  for (const [text, seconds] of table) assert.equal(secondsOf(text), seconds)
  assert.deepEqual([0, 0.25, 90, 120, 86_400].map(formatDuration), [
    '0s',
    '250ms',
    '90s',
    '2m',
    '1d',
  ])
  assert.deepEqual([1.2345].map(formatDuration), ['1235ms'])
})

test('sizes: powers of 1024 with an i, of 1000 without', () => {
  assert.equal(Size.parse('256Mi'), 268_435_456)
  assert.equal(Size.parse('1.5G'), 1_500_000_000)
  assert.deepEqual([268_435_456, 1e9, 1_234_567].map(formatSize), ['256Mi', '1G', '1234.567k'])
})

test('percentages', () => {
  assert.equal(Percent.parse('0.1%'), 0.001)
  assert.equal(Percent.safeParse('101%').success, false)
  assert.deepEqual([0.001, 0.07, 1, 0].map(formatPercent), ['0.1%', '7%', '100%', '0%'])
})

test('the nearest name that is allowed', () => {
  assert.deepEqual(['Order_Items', '2nd-Shop!', '@scope/x', '-', 'x'.repeat(60)].map(nameLike), [
    'order-items',
    'nd-shop',
    'scope-x',
    null,
    'x'.repeat(40),
  ])
})
