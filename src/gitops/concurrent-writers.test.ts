import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openEnvironmentRepo } from './index.ts'
import { version } from './testdata/workload.ts'

const COMMITS = 20
const AT = 1_700_000_000_000

test('two clones that write all the time lose nothing of each other', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'slipway-gitops-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  const url = join(root, 'environments.git')
  const writers = ['one', 'two']
  const open = (name: string) =>
    openEnvironmentRepo({ url, cloneFolder: join(root, `${name}.git`), embedded: true })
  const repos = await Promise.all(writers.map(open))
  const promote = (writer: number, round: number) => {
    const name = writers[writer] ?? ''
    // Every other round both write the same environment, each its own service.
    const environment = round % 2 === 0 ? 'production' : `dev-${name}`
    const workloads = [version(name, 'a', { environment, replicas: round + 1 })]
    return repos[writer]?.promote({
      environment,
      workloads,
      release: `${name}-${round}`,
      run: null,
      sourceCommit: 'c',
      actor: name,
      reason: 'race',
      held: [],
      at: AT,
    })
  }
  const rounds = Array.from({ length: COMMITS }, (_, round) => round)
  const written = await Promise.all(
    writers.flatMap((_, writer) => rounds.map((round) => promote(writer, round))),
  )
  assert.equal(new Set(written.map((one) => one?.commit)).size, 2 * COMMITS)

  const [repo] = repos
  const releases = async (environment: string) =>
    (await repo?.history(environment, 1000))?.map(({ cause }) => cause.release) ?? []
  const all = (await Promise.all(['production', 'dev-one', 'dev-two'].map(releases))).flat()
  const expected = writers.flatMap((name) => rounds.map((round) => `${name}-${round}`))
  assert.deepEqual([...all].sort(), expected.sort())
  const state = await repo?.read('production')
  assert.deepEqual(
    state?.workloads.map(({ service, replicas }) => [service, replicas]),
    writers.map((name) => [name, COMMITS - 1]),
  )
})
