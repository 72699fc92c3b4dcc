import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Environment } from '../config/index.ts'
import type { GateFacts } from './gates.ts'
import { nextRelease } from './promotion.ts'
import type { Passage, Release } from './release.ts'

const now = 1_000_000
const none: GateFacts = { passages: [], approvals: [], holds: [], now }

test('a branch environment takes the newest release of its branch', () => {
  const next = nextRelease(dev(), [release(1), release(3, 'other'), release(2)], none)
  assert.equal(next?.release.sequence, 2)
  assert.equal(next?.isOpen, true)
})

test('a release that was tried, and any older one, does not come again', () => {
  const facts = { ...none, passages: [passage('dev', 2, 'rolled-back')] }
  assert.equal(nextRelease(dev(), [release(1), release(2)], facts), null)
})

test('a release goes on only after it has passed the environment before', () => {
  const rolling = { ...none, passages: [passage('staging', 1, 'verifying')] }
  assert.equal(nextRelease(production(), [release(1)], rolling), null)
  const passed = { ...none, passages: [passage('staging', 1, 'passed')] }
  assert.equal(nextRelease(production(), [release(1)], passed)?.isOpen, true)
})

test('a newer release that is not through yet does not hold up an older one that is', () => {
  const facts = {
    ...none,
    passages: [passage('staging', 1, 'passed'), passage('staging', 2, 'rolling')],
  }
  assert.equal(nextRelease(production(), [release(1), release(2)], facts)?.release.sequence, 1)
})

test('soaking counts from when it passed, and says when it is over', () => {
  const environment = production({ soakSeconds: 60 })
  const facts = { ...none, passages: [passage('staging', 1, 'passed')] }
  const soon = nextRelease(environment, [release(1)], { ...facts, now: now + 59_000 })
  assert.equal(soon?.isOpen, false)
  assert.deepEqual(soon?.gates.at(-1), {
    kind: 'soak',
    status: 'waiting',
    reason: '1 s more in staging',
    opensAt: now + 60_000,
  })
  assert.equal(
    nextRelease(environment, [release(1)], { ...facts, now: now + 60_000 })?.isOpen,
    true,
  )
})

test('each role must approve, and only for this release and environment', () => {
  const environment = production({ approve: ['release-managers', 'security'] })
  const approval = {
    environment: 'production',
    release: 'r1',
    role: 'security',
    by: 'ada',
    at: now,
  }
  const facts = { ...none, passages: [passage('staging', 1, 'passed')], approvals: [approval] }
  const next = nextRelease(environment, [release(1)], facts)
  assert.equal(next?.isOpen, false)
  assert.deepEqual(
    next?.gates.map((gate) => gate.status),
    ['open', 'open', 'waiting', 'open'],
  )
  const other = { ...approval, release: 'r2', role: 'release-managers' }
  assert.equal(
    nextRelease(environment, [release(1)], { ...facts, approvals: [approval, other] })?.isOpen,
    false,
  )
  const both = [approval, { ...approval, role: 'release-managers' }]
  assert.equal(nextRelease(environment, [release(1)], { ...facts, approvals: both })?.isOpen, true)
})

test('a held digest closes the way until the hold expires', () => {
  const hold = {
    digest: 'sha256:1',
    service: 'orders',
    environment: 'production',
    reason: 'it failed',
    by: 'slipway',
    at: now,
    expiresAt: now + 10,
  }
  const facts = { ...none, passages: [passage('staging', 1, 'passed')], holds: [hold] }
  const next = nextRelease(production(), [release(1)], facts)
  assert.equal(next?.isOpen, false)
  assert.equal(next?.gates[1]?.reason, 'orders is held: it failed')
  assert.equal(nextRelease(production(), [release(1)], { ...facts, now: now + 10 })?.isOpen, true)
})

function release(sequence: number, branch = 'main'): Release {
  const services = { orders: { digest: `sha256:${sequence}`, version: '1', commit: 'c' } }
  return {
    id: `r${sequence}`,
    sequence,
    commit: 'c',
    branch,
    run: 'run',
    subject: 's',
    createdAt: now,
    services,
  }
}

function passage(environment: string, sequence: number, status: Passage['status']): Passage {
  return {
    environment,
    release: `r${sequence}`,
    sequence,
    status,
    since: now,
    commit: 'c',
    reason: '',
  }
}

function dev(): Environment {
  return environment({ name: 'dev', from: { kind: 'branch', branch: 'main' } })
}

function production(change: Partial<Environment> = {}): Environment {
  return environment({
    name: 'production',
    from: { kind: 'environment', environment: 'staging' },
    ...change,
  })
}

function environment(change: Partial<Environment>): Environment {
  return {
    name: 'dev',
    from: { kind: 'branch', branch: 'main' },
    strategy: { kind: 'recreate' },
    replicas: null,
    env: {},
    approve: [],
    soakSeconds: 0,
    verify: [],
    services: {},
    analysis: {
      judge: 'sequential',
      alpha: 0.01,
      beta: 0.05,
      risk: null,
      warmSeconds: 30,
      dwellSeconds: 30,
      maxSeconds: 1800,
      inconclusive: 'ask',
    },
    ...change,
  }
}
