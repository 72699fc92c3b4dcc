import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { project, service, userStep } from './testing/projects.ts'
import { ranIds, statuses, Workplace } from './testing/workplace.ts'

const BUILD = {
  run: 'mkdir -p dist && cat src.txt > dist/out.txt && echo built',
  output: ['dist/out.txt'],
}

function shop() {
  return project({
    shared: ['tsconfig.base.json'],
    services: [
      service('catalog', { build: BUILD, test: { run: 'echo tested' }, api: 'openapi.yaml' }),
      service('orders', { build: BUILD, test: { run: 'echo tested' }, needs: { catalog: '*' } }),
    ],
  })
}

const FILES = {
  'services/catalog/src.txt': 'catalog 1',
  'services/catalog/openapi.yaml': 'v1',
  'services/orders/src.txt': 'orders 1',
  'tsconfig.base.json': '{}',
}

test('an unchanged commit runs nothing, checks nothing out, and has the same logs and artifacts', async () => {
  await using place = await Workplace.make()
  const commit = await place.commit(FILES)
  const first = await place.run(shop())
  assert.equal(first.result.ok, true)
  await rm(place.file('checkouts'), { recursive: true })
  const again = await place.run(shop())
  assert.deepEqual(ranIds(again), [])
  assert.deepEqual(await place.list('checkouts'), [])
  assert.deepEqual(place.packaged.toSorted(), ['catalog', 'orders'])
  assert.deepEqual(again.result.artifacts.orders, {
    service: 'orders',
    digest: 'sha256:orders 1',
    version: commit.slice(0, 12),
    commit,
    cached: true,
  })
  const log = again.result.steps.find(({ id }) => id === 'orders:test')!.log!
  assert.equal(await readFile(log, 'utf8'), 'tested\n')
  assert.ok(again.events.some((event) => event.kind === 'output' && event.text === 'built\n'))
})

test('a changed file runs its service alone, and the artifact of the other keeps its commit', async () => {
  await using place = await Workplace.make()
  const first = await place.commit(FILES)
  await place.run(shop())
  const second = await place.commit({ 'services/orders/src.txt': 'orders 2' })
  const plan = await place.plan(shop())
  const reasons = new Map(plan.steps.map(({ step, reason }) => [step.id, reason]))
  assert.equal(reasons.get('orders:test'), 'services/orders/src.txt changed')
  const ran = await place.run(shop())
  assert.deepEqual(ranIds(ran), ['orders:build', 'orders:package', 'orders:test'])
  assert.equal(ran.result.artifacts.orders!.commit, second)
  assert.equal(ran.result.artifacts.catalog!.commit, first)
})

test('the API of a needed service and shared paths affect; its other files do not', async () => {
  await using place = await Workplace.make()
  await place.commit(FILES)
  await place.run(shop())
  await place.commit({ 'services/catalog/src.txt': 'catalog 2' })
  assert.deepEqual(ranIds(await place.run(shop())), [
    'catalog:build',
    'catalog:package',
    'catalog:test',
  ])
  await place.commit({ 'services/catalog/openapi.yaml': 'v2' })
  assert.equal(ranIds(await place.run(shop())).length, 6)
  await place.commit({ 'tsconfig.base.json': '{ }' })
  const plan = await place.plan(shop())
  assert.ok(plan.steps.every(({ reason }) => reason === 'shared path tsconfig.base.json changed'))
})

test('outputs of a cached step are there for one that runs, whatever the commit holds at their place', async () => {
  await using place = await Workplace.make()
  await place.commit({ 'a.txt': 'a', 'made/out.txt': 'other content', 'made/stale.txt': 'stale' })
  const make = userStep('make', {
    run: 'rm -r made; mkdir made; printf x > made/out.txt; chmod 755 made/out.txt; ln -s out.txt made/link',
    outputs: ['made'],
    inputs: ['a.txt'],
  })
  const use = (run: string) => project({ steps: [make, userStep('use', { run, needs: ['make'] })] })
  await place.run(use('ls made'))
  const ran = await place.run(use('ls -l made | cut -c1-10; cat made/link'))
  assert.deepEqual(statuses(ran), { make: 'cached', use: 'passed' })
  const log = await readFile(ran.result.steps.find(({ id }) => id === 'use')!.log!, 'utf8')
  assert.match(log, /lrwx[\s\S]*-rwxr-xr-x\nx$/)
})

test('a damaged cache entry is found out and made again', async () => {
  await using place = await Workplace.make()
  await place.commit({ 'a.txt': 'a' })
  const make = userStep('make', { run: 'printf right > out.txt', outputs: ['out.txt'] })
  const use = (run: string) => project({ steps: [make, userStep('use', { run, needs: ['make'] })] })
  const { result } = await place.run(use('cat out.txt'))
  const key = result.steps.find(({ id }) => id === 'make')!.key!
  await writeFile(place.file(`cache/entries/${key}/content`), 'wrong')
  const ran = await place.run(use('cat  out.txt'))
  assert.deepEqual(statuses(ran), { make: 'passed', use: 'passed' })
  assert.equal(
    ran.result.steps.find(({ id }) => id === 'make')!.reason,
    'its cache entry was damaged',
  )
  assert.equal(
    await readFile(ran.result.steps.find(({ id }) => id === 'use')!.log!, 'utf8'),
    'right',
  )
  for (const part of ['manifest', 'log']) {
    await writeFile(place.file(`cache/entries/${key}/${part}`), 'garbage')
    assert.equal(statuses(await place.run(use('cat out.txt'))).make, 'passed', part)
  }
})

test('a failure skips what depends on it; the others finish, or stop when told to', async () => {
  await using place = await Workplace.make()
  await place.commit({ 'a.txt': 'a' })
  const steps = [
    userStep('bad', { run: 'sleep 0.2; exit 7' }),
    userStep('after', { needs: ['bad'] }),
    userStep('slow', { run: 'sleep 1.5' }),
  ]
  const finish = await place.run(project({ steps }), { jobs: 2 })
  assert.deepEqual(statuses(finish), { after: 'skipped', bad: 'failed', slow: 'passed' })
  assert.equal(finish.result.ok, false)
  const bad = finish.result.steps.find(({ id }) => id === 'bad')!
  assert.equal(bad.exitCode, 7)
  assert.equal(bad.reason, 'it exited with 7')
  const stop = await place.run(project({ steps }), { jobs: 2, failFast: true, useCache: false })
  assert.deepEqual(statuses(stop), { after: 'skipped', bad: 'failed', slow: 'cancelled' })
})

test('a failed step is never cached, a retry may pass, and a timeout fails', async () => {
  await using place = await Workplace.make()
  await place.commit({ 'a.txt': 'a' })
  const flag = place.file('flag')
  const steps = [
    userStep('flaky', { run: `test -e ${flag} || { touch ${flag}; exit 1; }`, retries: 1 }),
    userStep('stuck', { run: 'sleep 30', timeoutSeconds: 0.3 }),
  ]
  const ran = await place.run(project({ steps }))
  assert.deepEqual(statuses(ran), { flaky: 'passed', stuck: 'failed' })
  assert.equal(
    ran.result.steps.find(({ id }) => id === 'stuck')!.reason,
    'it took longer than 0.3 s',
  )
  const attempts = ran.events.filter((event) => event.kind === 'started' && event.step === 'flaky')
  assert.equal(attempts.length, 2)
  assert.deepEqual(statuses(await place.run(project({ steps }))), {
    flaky: 'cached',
    stuck: 'failed',
  })
})

test('a matrix runs each combination with its values', async () => {
  await using place = await Workplace.make()
  await place.commit({ 'a.txt': 'a' })
  const steps = [
    userStep('lint', { run: 'echo $os-$node', matrix: { os: ['a', 'b'], node: ['22', '24'] } }),
  ]
  const ran = await place.run(project({ steps }))
  const logs = await Promise.all(ran.result.steps.map(({ log }) => readFile(log!, 'utf8')))
  assert.deepEqual(logs.sort(), ['a-22\n', 'a-24\n', 'b-22\n', 'b-24\n'])
})

test('a missing secret is an error before anything runs', async () => {
  await using place = await Workplace.make()
  await place.commit({ 'a.txt': 'a' })
  const steps = [
    userStep('first', { run: 'true' }),
    userStep('login', { needs: ['first'], env: { TOKEN: { env: 'SHOP_TOKEN' } } }),
  ]
  await assert.rejects(place.run(project({ steps })), {
    code: 'missing-secret',
    message: /login takes TOKEN from the variable SHOP_TOKEN/,
  })
  assert.deepEqual(await place.list('runs'), [])
})

test('a secret reaches its own step alone and is in no log, event or cache entry', async () => {
  await using place = await Workplace.make()
  await place.commit({ 'a.txt': 'a' })
  const secret = 's3cret/wert+x'
  const steps = [
    userStep('other', { run: 'echo "[$TOKEN]"' }),
    userStep('login', {
      env: { TOKEN: { env: 'SHOP_TOKEN' } },
      run: 'printf "%s" "$TOKEN" | cut -c1-5 | tr -d "\\n"; sleep 0.2; printf "%s" "$TOKEN" | cut -c6-; printf "user:%s" "$TOKEN" | base64; echo done',
    }),
  ]
  const ran = await place.run(project({ steps }), {
    secrets: { env: { SHOP_TOKEN: secret }, folder: '/' },
  })
  const { log, key } = ran.result.steps.find(({ id }) => id === 'login')!
  assert.match(await readFile(log!, 'utf8'), /^\*\*\*\n.*\*\*\*.*\ndone\n$/)
  const entry = await readFile(place.file(`cache/entries/${key}/log`), 'utf8')
  assert.doesNotMatch(entry + JSON.stringify(ran), /s3cre|wert/)
  assert.equal(
    await readFile(ran.result.steps.find(({ id }) => id === 'other')!.log!, 'utf8'),
    '[]\n',
  )
})

test('an abort ends what runs, begins nothing, and leaves a clean checkout', async () => {
  await using place = await Workplace.make()
  await place.commit({ 'a.txt': 'a' })
  const steps = [
    userStep('slow', { run: 'echo x > left; echo begun; sleep 60' }),
    userStep('next', { needs: ['slow'] }),
  ]
  const abort = new AbortController()
  const ran = await place.run(project({ steps }), {
    signal: abort.signal,
    onEvent: (event) => {
      if (event.kind === 'output') abort.abort()
    },
  })
  assert.deepEqual(statuses(ran), { next: 'skipped', slow: 'cancelled' })
  assert.deepEqual([...(await place.list('checkouts/tree-0'))].sort(), ['.git', 'a.txt'])
  assert.ok((await place.list('checkouts')).includes('tree-0.free'))
  assert.deepEqual(await place.list('cache/entries'), [])
})

test('two runs at once share the cache', async () => {
  await using place = await Workplace.make()
  await place.commit(FILES)
  const both = await Promise.all([place.run(shop()), place.run(shop())])
  assert.deepEqual(
    both.map(({ result }) => result.ok),
    [true, true],
  )
  assert.deepEqual(ranIds(await place.run(shop())), [])
  assert.deepEqual(await place.list('cache/aside'), [])
})

test('an output folder that holds the dependencies of another step does not take them along', async () => {
  await using place = await Workplace.make()
  await place.commit({ 'services/web/src.txt': '1', 'services/web/package.json': '{}' })
  const web = (start: string) =>
    project({
      services: [
        service('web', {
          path: 'services/web',
          install: 'mkdir -p node_modules && echo lib > node_modules/lib',
          build: { run: 'echo made > made.txt', output: ['.'], dependencies: ['node_modules'] },
          start,
        }),
      ],
    })
  const packager = {
    ...place.packager(),
    package: async ({ root, service: name }: { root: string; service: string }) => {
      const parts = ['made.txt', 'src.txt', 'node_modules/lib'].map((f) =>
        readFile(join(root, f), 'utf8'),
      )
      const digest = (await Promise.all(parts)).join('').replaceAll('\n', ' ')
      return { service: name, digest, version: '1', commit: 'c' }
    },
  }
  await place.run(web('a'), { packager })
  const ran = await place.run(web('b'), { packager })
  assert.deepEqual(ranIds(ran), ['web:package'])
  assert.equal(ran.result.artifacts.web!.digest, 'made 1lib ')
})

test('a run of the same id again leaves the logs in the cache as they are', async () => {
  await using place = await Workplace.make()
  await place.commit({ 'a.txt': 'a' })
  const steps = (run: string) => project({ steps: [userStep('say', { run })] })
  await place.run(steps('echo one'), { id: 'same' })
  await place.run(steps('echo one'), { id: 'same' })
  await place.run(steps('echo two'), { id: 'same' })
  const ran = await place.run(steps('echo one'), { id: 'same' })
  assert.deepEqual(statuses(ran), { say: 'cached' })
  assert.equal(await readFile(ran.result.steps[0]!.log!, 'utf8'), 'one\n')
})
