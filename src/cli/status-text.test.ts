import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { EnvironmentStatus, RolloutView, Status, WorkloadStatus } from '../server/index.ts'
import { paragraph } from './paragraph.ts'
import { statusText } from './status-text.ts'
import { table } from './table.ts'

const LONG =
  'canary received no traffic for 9 s; about 0 requests expected at weight 5%. Plan: from 5% to 25%: excess error rate below 8.0pp and p95 below 2.0 times the baseline'

const ROLLOUT: RolloutView = {
  id: 'r',
  environment: 'production',
  service: 'orders',
  release: '56d76d84da56',
  strategy: 'canary',
  from: '3bb16aafb79c',
  to: '56d76d84da56',
  phase: 'progressing',
  outcome: null,
  weight: 5,
  paused: null,
  reason: LONG,
  forecast: '',
  startedAt: 0,
  steps: [],
  verdict: null,
}

const WORKLOAD: WorkloadStatus = {
  service: 'orders',
  version: '3bb16aafb79c',
  digest: 'sha256:1',
  ready: 1,
  replicas: 2,
  restarts: 3,
  reason: `it exited with 1: ${LONG}`,
  address: 'http://orders.production.localhost:40769',
  pids: [1],
  rollout: ROLLOUT,
}

const ENVIRONMENT: EnvironmentStatus = {
  name: 'production',
  commit: 'c',
  release: '56d76d84da56',
  status: 'rolling',
  reason: 'approved by ada@example.com for release-managers and two others of the team',
  error: null,
  next: {
    release: '9999aafb79c0',
    gates: [{ kind: 'soak', status: 'waiting', reason: LONG, opensAt: 1 }],
  },
  workloads: [WORKLOAD, { ...WORKLOAD, service: 'web', reason: null, restarts: 0, rollout: null }],
}

const STATUS: Status = {
  project: 'shop',
  environments: [ENVIRONMENT],
  runs: [],
  holds: [
    {
      id: 'h',
      digest: `sha256:${'b'.repeat(64)}`,
      service: 'orders',
      environment: 'production',
      reason: LONG,
      by: 'slipway',
      at: 0,
      expiresAt: 1,
    },
  ],
}

test('on a terminal no line is longer than it is wide, and no word is lost', () => {
  for (const columns of [80, 120]) {
    const text = statusText(STATUS, STATUS.environments, { columns, env: {} })
    const plain = stripVTControlCharacters(text)
    for (const line of plain.split('\n')) assert.ok(line.length <= columns, line)
    const words = plain.replaceAll(/\s+/g, ' ')
    assert.equal(words.split(LONG).length, 5, 'a reason each for workload, rollout, gate and hold')
    assert.match(words, /orders: canary 3bb16aafb79c → 56d76d84da56, 5 % of traffic, progressing/)
    assert.notEqual(text, plain, 'it is coloured')
  }
})

test('elsewhere, and where no colour is wanted, there is none, and a reason is one line', () => {
  const piped = statusText(STATUS, STATUS.environments, { columns: null, env: {} })
  assert.equal(piped, stripVTControlCharacters(piped))
  assert.ok(piped.includes(LONG))
  const unwanted = { columns: 80, env: { NO_COLOR: '1' } }
  const text = statusText(STATUS, STATUS.environments, unwanted)
  assert.equal(text, stripVTControlCharacters(text))
})

test('a paused rollout tells why, and what the judge says meanwhile', () => {
  const verdict = { verdict: 'continue', reason: 'holding' } as RolloutView['verdict']
  const paused = { ...ROLLOUT, paused: 'release freeze', verdict }
  const environment = { ...ENVIRONMENT, workloads: [{ ...WORKLOAD, rollout: paused }] }
  const text = statusText(STATUS, [environment], { columns: null, env: {} })
  assert.match(text, /, paused\n {4}release freeze; judging goes on: holding\n/)
})

test('a paragraph breaks at blanks behind its indent; a word that does not fit stays whole', () => {
  assert.equal(
    paragraph('one two three four five six', 4, 24),
    '    one two three four\n    five six',
  )
  const address = 'http://a-very-long-name.production.localhost:1234'
  assert.equal(paragraph(`at ${address} now`, 2, 24), `  at\n  ${address}\n  now`)
  assert.equal(paragraph('one two', 2, null), '  one two')
})

test('columns are as wide as their longest cell, the last is broken below its beginning', () => {
  const rows = [
    ['step', 'why'],
    ['orders:test', 'a file changed and two more'],
  ]
  assert.equal(table(rows), 'step         why\norders:test  a file changed and two more')
  assert.equal(
    table(rows, 34),
    'step         why\norders:test  a file changed and\n             two more',
  )
  assert.equal(table([]), '')
})
