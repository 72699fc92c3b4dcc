import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { cloneBare, type Repository } from '../git/index.ts'
import {
  type EnvironmentRepo,
  openEnvironmentRepo,
  type Promotion,
  type Workload,
  workloadYaml,
} from './index.ts'
import { digest, version, workload } from './testdata/workload.ts'

const AT = 1_700_000_000_000

type Ground = {
  readonly url: string
  readonly repo: EnvironmentRepo
  /** Someone else's clone: commits by hand. */
  readonly hand: Repository
}

async function ground(t: TestContext): Promise<Ground> {
  const root = await mkdtemp(join(tmpdir(), 'slipway-gitops-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  const url = join(root, 'environments.git')
  const place = { url, cloneFolder: join(root, 'clone.git'), embedded: true }
  const repo = await openEnvironmentRepo(place)
  return { url, repo, hand: await cloneBare(url, join(root, 'hand.git')) }
}

function promotion(workloads: readonly Workload[], over: Partial<Promotion> = {}): Promotion {
  return {
    environment: 'production',
    workloads,
    release: 'r1',
    run: 'run-7',
    sourceCommit: 'c'.repeat(40),
    actor: 'Ada <ada@example.com>',
    reason: 'staging passed',
    held: [],
    at: AT,
    ...over,
  }
}

async function byHand(
  { hand }: Ground,
  changes: Record<string, string | null>,
  subject = 'By hand',
): Promise<string> {
  await hand.fetch()
  const commit = await hand.commitTree({
    parent: await hand.resolve('refs/remotes/origin/main'),
    changes: new Map(Object.entries(changes)),
    message: { subject },
    actor: 'bob@example.com',
    at: AT,
  })
  assert.deepEqual(await hand.push(commit, 'main'), { status: 'pushed' })
  return commit
}

async function digests(repo: EnvironmentRepo, environment = 'production') {
  const state = await repo.read(environment)
  const entries = state?.workloads.map((one) => [one.service, one.artifact.version])
  return Object.fromEntries(entries ?? [])
}

test('an environment of an empty repo is null, and there is no history', async (t) => {
  const { repo } = await ground(t)
  assert.equal(await repo.head(), null)
  assert.equal(await repo.read('production'), null)
  assert.deepEqual(await repo.history('production', 10), [])
})

test('a promotion is one commit that says who, what and why, and reads back the same', async (t) => {
  const at = await ground(t)
  const workloads = [workload('orders'), version('catalog', 'b')]
  const { commit, services } = await at.repo.promote(promotion(workloads))
  assert.deepEqual(services, ['catalog', 'orders'])
  assert.equal(await at.repo.head(), commit)
  const state = await at.repo.read('production')
  assert.equal(state?.commit, commit)
  assert.deepEqual(state?.workloads, [version('catalog', 'b'), workload('orders')])
  assert.deepEqual(state?.cause, {
    kind: 'promotion',
    release: 'r1',
    run: 'run-7',
    sourceCommit: 'c'.repeat(40),
    actor: 'Ada <ada@example.com>',
    reason: 'staging passed',
    at: AT,
  })
  await at.hand.fetch()
  const written = await at.hand.commit(commit)
  assert.equal(written.subject, 'Promote r1 to production')
  assert.equal(written.author, 'Ada')
  assert.equal(
    written.body,
    `- orders: 1.10 (${digest('a')})
- catalog: b (${digest('b')})

Slipway-Kind: promotion
Slipway-Release: r1
Slipway-Run: run-7
Source-Commit: ${'c'.repeat(40)}
Actor: Ada <ada@example.com>
Reason: staging passed`,
  )
  assert.deepEqual(
    (await at.hand.listTree(commit)).map(({ path }) => path),
    ['production/catalog.yaml', 'production/orders.yaml'],
  )
})

test('promoting what is there already makes no commit', async (t) => {
  const at = await ground(t)
  const first = await at.repo.promote(promotion([workload('orders')]))
  const again = await at.repo.promote(promotion([workload('orders')], { release: 'r2' }))
  assert.deepEqual(again, { commit: first.commit, services: [] })
  const text = workloadYaml(workload('orders'))
  const commit = await byHand(at, { 'production/orders.yaml': `# a note\n${text}` })
  const noted = await at.repo.promote(promotion([workload('orders')]))
  assert.deepEqual(noted, { commit, services: [] })
})

test('a service that the release does not name stays, one that it gives up goes', async (t) => {
  const { repo } = await ground(t)
  await repo.promote(promotion([workload('orders'), workload('legacy'), workload('old')]))
  await repo.promote(promotion([version('orders', 'b')]))
  assert.deepEqual(Object.keys(await digests(repo)), ['legacy', 'old', 'orders'])
  const gone = promotion([version('orders', 'b')], { remove: ['legacy', 'never-there'] })
  assert.deepEqual((await repo.promote(gone)).services, ['legacy'])
  assert.deepEqual(Object.keys(await digests(repo)), ['old', 'orders'])
})

test('an empty render removes nothing', async (t) => {
  const { repo } = await ground(t)
  const { commit } = await repo.promote(promotion([workload('orders')]))
  const empty = promotion([], { remove: ['orders'] })
  await assert.rejects(repo.promote(empty), { code: 'empty-render' })
  assert.equal(await repo.head(), commit)
})

test('a held digest is refused with reason and expiry, until it expires', async (t) => {
  const { repo } = await ground(t)
  const { commit } = await repo.promote(promotion([workload('orders')]))
  const hold = { digest: digest('b'), reason: '3 % of checkouts fail', expiresAt: AT + 1000 }
  const next = [version('catalog', 'c'), version('orders', 'b')]
  for (const environment of [null, 'production']) {
    const held = [{ ...hold, environment }]
    await assert.rejects(repo.promote(promotion(next, { held })), {
      code: 'digest-held',
      message: /orders b .*until 2023-11-14T22:13:21\.000Z: 3 % of checkouts fail/,
    })
  }
  assert.equal(await repo.head(), commit)
  const elsewhere = [{ ...hold, environment: 'staging' }]
  const expired = [{ ...hold, environment: null, expiresAt: AT }]
  const held = [...elsewhere, ...expired]
  assert.equal((await repo.promote(promotion(next, { held }))).services.length, 2)
})

test('environments do not touch each other', async (t) => {
  const { repo } = await ground(t)
  const one = await repo.promote(promotion([workload('orders')]))
  const environment = 'production/eu'
  const eu = version('orders', 'b', { environment })
  await repo.promote(promotion([eu], { environment }))
  const state = await repo.read('production')
  assert.equal(state?.commit, one.commit)
  assert.deepEqual(await digests(repo), { orders: '1.10' })
  assert.deepEqual(await digests(repo, environment), { orders: 'b' })
  assert.equal((await repo.history('production', 10)).length, 1)
})

test('a broken file is an error for its environment alone, and the next good commit works', async (t) => {
  const at = await ground(t)
  const good = await at.repo.promote(promotion([workload('orders'), workload('catalog')]))
  const staging = workload('orders', { environment: 'staging' })
  await at.repo.promote(promotion([staging], { environment: 'staging' }))
  await byHand(at, {
    'production/orders.yaml': 'service: orders\n  replicas: [\n',
    'production/catalog.yml': workloadYaml(workload('catalog')),
    'production/catalog.yaml': workloadYaml(workload('catalog')).replace(
      'replicas: 2',
      'replicas: 0',
    ),
    'production/notes.txt': 'not read',
  })
  await assert.rejects(at.repo.read('production'), (error: Error) => {
    assert.match(error.message, /^production\/catalog\.yaml:10:11: replicas: /m)
    assert.match(error.message, /^production\/catalog\.yml:1:1: .*production\/catalog\.yaml/m)
    assert.match(error.message, /^production\/orders\.yaml:\d+:\d+: /m)
    return 'code' in error && error.code === 'broken-workload'
  })
  assert.deepEqual(await digests(at.repo, 'staging'), { orders: '1.10' })
  const mended = promotion([workload('orders'), workload('catalog')])
  assert.notEqual((await at.repo.promote(mended)).commit, good.commit)
  await byHand(at, { 'production/catalog.yml': null })
  const state = await at.repo.read('production')
  assert.deepEqual(Object.keys(await digests(at.repo)), ['catalog', 'orders'])
  assert.equal(state?.cause.kind, 'other')
  assert.equal(state?.cause.actor, 'bob@example.com')
  assert.equal(state?.cause.reason, 'By hand')
})

test('a text given by a user cannot forge a trailer', async (t) => {
  const { repo } = await ground(t)
  const reason = 'fine\n\nSlipway-Kind: rollback\nActor: eve'
  await repo.promote(promotion([workload('orders')], { reason, actor: 'ada\nActor: eve' }))
  const state = await repo.read('production')
  assert.equal(state?.cause.kind, 'promotion')
  assert.equal(state?.cause.actor, 'ada Actor: eve')
  assert.equal(state?.cause.reason, 'fine Slipway-Kind: rollback Actor: eve')
})

test('a hook that declines, and names that would leave the folder, change nothing', async (t) => {
  const at = await ground(t)
  const { commit } = await at.repo.promote(promotion([workload('orders')]))
  const outside = promotion([workload('../x')])
  await assert.rejects(at.repo.promote(outside), { code: 'bad-environment-name' })
  await assert.rejects(at.repo.read('../production'), { code: 'bad-environment-name' })
  await mkdir(join(at.url, 'hooks'), { recursive: true })
  const hook = join(at.url, 'hooks/update')
  await writeFile(hook, '#!/bin/sh\necho "frozen until Monday" >&2\nexit 1\n')
  await chmod(hook, 0o755)
  const declined = { code: 'push-declined', message: /frozen until Monday/ }
  await assert.rejects(at.repo.promote(promotion([version('orders', 'b')])), declined)
  assert.equal(await at.repo.head(), commit)
  await rm(hook)
  assert.equal((await at.repo.promote(promotion([version('orders', 'b')]))).services.length, 1)
})
