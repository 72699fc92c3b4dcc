import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { cloneBare } from '../git/index.ts'
import { type EnvironmentRepo, openEnvironmentRepo, type Workload, workloadYaml } from './index.ts'
import { digest, version, workload } from './testdata/workload.ts'

const AT = 1_700_000_000_000
const WHY = { environment: 'production', reason: 'checkouts fail', actor: 'slipway', at: AT }

async function ground(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'slipway-gitops-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  const url = join(root, 'environments.git')
  const place = { url, cloneFolder: join(root, 'clone.git'), embedded: true }
  return { root, url, repo: await openEnvironmentRepo(place) }
}

async function promote(repo: EnvironmentRepo, release: string, ...workloads: readonly Workload[]) {
  const { commit } = await repo.promote({
    environment: workloads[0]?.environment ?? 'production',
    workloads,
    release,
    run: release,
    sourceCommit: release,
    actor: 'ada',
    reason: 'new',
    held: [],
    at: AT,
  })
  return commit
}

async function versions(repo: EnvironmentRepo) {
  const state = await repo.read('production')
  return Object.fromEntries(
    state?.workloads.map((one) => [one.service, one.artifact.version]) ?? [],
  )
}

test('undoing a promotion restores what it changed, configuration too, and says so', async (t) => {
  const { repo } = await ground(t)
  const before = version('orders', 'a', { env: { FLAG: 'off' } })
  await promote(repo, 'r1', before, version('catalog', 'a'), version('web', 'a'))
  const bad = version('orders', 'b', { env: { FLAG: 'on' } })
  const commit = await promote(repo, 'r2', bad, version('catalog', 'b'), version('web', 'a'))
  const undone = await repo.revert({ ...WHY, commit, rejected: digest('b') })
  assert.deepEqual(undone.services, ['catalog', 'orders'])
  assert.deepEqual(undone.kept, [])
  const state = await repo.read('production')
  assert.deepEqual(state?.workloads[1], before)
  assert.deepEqual(await versions(repo), { catalog: 'a', orders: 'a', web: 'a' })
  assert.equal(state?.commit, undone.commit)
  assert.deepEqual(state?.cause, {
    kind: 'rollback',
    release: 'r1',
    run: 'r1',
    sourceCommit: 'r1',
    actor: 'slipway',
    reason: 'checkouts fail',
    at: AT,
  })
  const [newest] = await repo.history('production', 1)
  assert.equal(newest?.subject, 'Roll back catalog, orders in production')
})

test('what was superseded before it served is undone too, and not gone back to', async (t) => {
  const { repo } = await ground(t)
  await promote(repo, 'r1', version('orders', 'a'), version('catalog', 'a'))
  const never = await promote(repo, 'r2', version('orders', 'b'), version('catalog', 'b'))
  const commit = await promote(repo, 'r3', version('orders', 'c'), version('catalog', 'b'))
  const undone = await repo.revert({ ...WHY, commit, superseded: [never], rejected: digest('c') })
  assert.deepEqual(undone.services, ['catalog', 'orders'])
  assert.deepEqual(await versions(repo), { catalog: 'a', orders: 'a' })
  assert.equal((await repo.read('production'))?.cause.release, 'r1')
})

test('undoing it twice changes nothing', async (t) => {
  const { repo } = await ground(t)
  await promote(repo, 'r1', version('orders', 'a'))
  const commit = await promote(repo, 'r2', version('orders', 'b'))
  const first = await repo.revert({ ...WHY, commit, rejected: digest('b') })
  const again = await repo.revert({ ...WHY, commit, rejected: digest('b') })
  assert.equal(again.commit, first.commit)
  assert.deepEqual(again.services, [])
  assert.deepEqual(again.kept, [{ service: 'orders', why: 'it has changed since' }])
})

test('a service that a newer commit has changed is left as that commit says', async (t) => {
  const { repo } = await ground(t)
  await promote(repo, 'r1', version('orders', 'a'), version('catalog', 'a'))
  const commit = await promote(repo, 'r2', version('orders', 'b'), version('catalog', 'b'))
  await promote(repo, 'r3', version('orders', 'c'))
  const undone = await repo.revert({ ...WHY, commit, rejected: digest('b') })
  assert.deepEqual(undone.services, ['catalog'])
  assert.deepEqual(undone.kept, [{ service: 'orders', why: 'it has changed since' }])
  assert.deepEqual(await versions(repo), { catalog: 'a', orders: 'c' })
})

test('a change of configuration alone is undone to the configuration before', async (t) => {
  const { repo } = await ground(t)
  const one = await promote(repo, 'r1', version('orders', 'a', { replicas: 1 }))
  await promote(repo, 'r2', version('orders', 'a', { replicas: 2 }))
  const commit = await promote(repo, 'r3', version('orders', 'a', { replicas: 3 }))
  const rejected = digest('a')
  for (let time = 0; time < 2; time += 1) {
    await repo.revert({ ...WHY, commit, rejected })
    assert.equal((await repo.read('production'))?.workloads[0]?.replicas, 2)
  }
  assert.notEqual((await repo.read('production'))?.commit, one)
})

test('services are undone at a commit that did not change them itself', async (t) => {
  const { repo } = await ground(t)
  await promote(repo, 'r1', version('orders', 'a'), version('catalog', 'a'))
  await promote(repo, 'r2', version('orders', 'b'))
  const commit = await promote(repo, 'r3', version('catalog', 'c'))
  const what = { ...WHY, commit, services: ['orders'], rejected: digest('b') }
  assert.deepEqual((await repo.revert(what)).services, ['orders'])
  assert.deepEqual(await versions(repo), { catalog: 'c', orders: 'a' })
  assert.deepEqual((await repo.revert(what)).services, [])
})

test('services alone go back past every commit that kept the rejected digest', async (t) => {
  const { repo } = await ground(t)
  await promote(repo, 'r1', version('orders', 'a'), version('catalog', 'a'))
  await promote(repo, 'r2', version('orders', 'b'))
  await promote(repo, 'r3', version('orders', 'b', { replicas: 7 }), version('catalog', 'c'))
  const what = { ...WHY, services: ['orders', 'catalog', 'none'], rejected: digest('b') }
  const undone = await repo.revert(what)
  assert.deepEqual(undone.services, ['orders'])
  assert.deepEqual(undone.kept, [
    { service: 'catalog', why: 'it does not run the rejected digest' },
    { service: 'none', why: 'it is not there' },
  ])
  assert.deepEqual(await versions(repo), { catalog: 'c', orders: 'a' })
  assert.deepEqual((await repo.revert(what)).services, [])
})

test('the first promotion of all is not undone into nothing, a new service beside others is', async (t) => {
  const { repo } = await ground(t)
  const first = await promote(repo, 'r1', version('orders', 'a'))
  const kept = await repo.revert({ ...WHY, commit: first, rejected: digest('a') })
  assert.deepEqual(kept, {
    commit: first,
    services: [],
    kept: [{ service: 'orders', why: 'there was nothing in production before it' }],
  })
  const second = await promote(repo, 'r2', version('catalog', 'b'))
  await repo.revert({ ...WHY, commit: second, rejected: digest('b') })
  assert.deepEqual(await versions(repo), { orders: 'a' })
})

test('a service that the undone promotion removed comes back', async (t) => {
  const { repo } = await ground(t)
  await promote(repo, 'r1', version('orders', 'a'), version('legacy', 'a'))
  const { commit } = await repo.promote({
    environment: 'production',
    workloads: [version('orders', 'a')],
    remove: ['legacy'],
    release: 'r2',
    run: null,
    sourceCommit: 'r2',
    actor: 'ada',
    reason: 'gone',
    held: [],
    at: AT,
  })
  await repo.revert({ ...WHY, commit, rejected: null })
  assert.deepEqual(await versions(repo), { legacy: 'a', orders: 'a' })
})

test('a broken commit by hand is never gone back to', async (t) => {
  const { root, url, repo } = await ground(t)
  await promote(repo, 'r1', version('orders', 'a'), version('catalog', 'a'))
  const hand = await cloneBare(url, join(root, 'hand.git'))
  const broken = await hand.commitTree({
    parent: await hand.resolve('refs/remotes/origin/main'),
    changes: new Map([['production/orders.yaml', `${workloadYaml(workload('orders'))}oops: 1\n`]]),
    message: { subject: 'Break it' },
    actor: 'bob',
    at: AT,
  })
  await hand.push(broken, 'main')
  const commit = await promote(repo, 'r2', version('orders', 'b'))
  await repo.revert({ ...WHY, commit, rejected: digest('b') })
  assert.deepEqual(await versions(repo), { catalog: 'a', orders: 'a' })
})

test('an empty repo and an unknown commit are errors', async (t) => {
  const { repo } = await ground(t)
  const what = { ...WHY, commit: 'f'.repeat(40), rejected: null }
  await assert.rejects(repo.revert(what), { code: 'unknown-environment' })
  await promote(repo, 'r1', version('orders', 'a'))
  await assert.rejects(repo.revert(what), { code: 'unknown-commit' })
})
