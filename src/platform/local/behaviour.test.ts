import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { request } from 'undici'
import { logFile, logFolder } from './log-file.ts'
import { openSupervisor, type Supervisor, type SupervisorOptions } from './supervisor.ts'
import {
  processesOf,
  revisionWith,
  SHOP,
  temporaryFolder,
  unpackFixture,
  until,
  untilReady,
} from './testdata/fixture.ts'
import { type TinyBalancer, tinyBalancer } from './testdata/tiny-balancer.ts'

describe('the supervisor', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let balancer: TinyBalancer
  let supervisor: Supervisor
  const open = (more: Partial<SupervisorOptions> = {}) =>
    openSupervisor({ folder: folder.path, balancer, unpack: unpackFixture, ...more })

  beforeEach(async () => {
    folder = await temporaryFolder()
    balancer = tinyBalancer()
    supervisor = await open()
  })
  afterEach(async () => {
    await supervisor.close()
    await balancer.close()
    await folder.remove()
  })
  const reopen = async (more: Partial<SupervisorOptions>) => {
    await supervisor.close()
    supervisor = await open(more)
  }
  const observed = async () => (await supervisor.observe(SHOP)).instances
  const untilGone = () => until('no instances', async () => (await observed()).length === 0)

  it('tells an instance who it is, and nothing of its own environment', async () => {
    await reopen({ env: { PATH: '/usr/bin:/bin', TZ: 'UTC', MINE: 'secret', DB: 'postgres://x' } })
    const revision = revisionWith(
      { DATABASE_URL: { env: 'DB' }, COLOUR: 'red', PORT: '1' },
      { needs: ['price-list'] },
    )
    await supervisor.scale(SHOP, [{ revision, count: 1 }])
    const [instance] = await untilReady(supervisor, SHOP, 1)
    const answer = await request(`http://127.0.0.1:${instance?.port}/env`)
    const env = (await answer.body.json()) as Record<string, string>
    assert.equal(env.MINE, undefined)
    assert.equal(env.TZ, 'UTC')
    assert.equal(env.COLOUR, 'red')
    assert.equal(env.DATABASE_URL, 'postgres://x')
    assert.equal(env.PORT, String(instance?.port))
    assert.equal(env.SLIPWAY_SERVICE, 'shop')
    assert.equal(env.SLIPWAY_ENVIRONMENT, 'production')
    assert.equal(env.SLIPWAY_VERSION, '1.0.0')
    assert.equal(env.SLIPWAY_REVISION, revision.id)
    assert.equal(env.SLIPWAY_INSTANCE, instance?.id)
    assert.equal(
      env.PRICE_LIST_URL,
      await balancer.directAddress({ ...SHOP, service: 'price-list' }),
    )
    assert.ok(env.PATH?.endsWith(':/usr/bin:/bin'))
    assert.equal(env.TMPDIR, env.SLIPWAY_DATA)
    assert.ok(statSync(env.TMPDIR ?? '').isDirectory())
  })

  it('lets an instance finish what it answers before it is stopped, and gives it nothing new', async () => {
    // At SIGTERM it drops what it is answering: only the drain before saves the request.
    const one = revisionWith({ HASTY: 'yes' })
    await supervisor.scale(SHOP, [{ revision: one, count: 1 }])
    const [old] = await untilReady(supervisor, SHOP, 1)
    const url = await balancer.directAddress(SHOP)
    const slow = request(`${url}/slow?ms=800`)
    await until('the slow request', () => balancer.inFlight(old?.id ?? '') === 1)
    await supervisor.scale(SHOP, [{ revision: revisionWith({ COLOUR: 'two' }), count: 1 }])
    assert.deepEqual(balancer.readyInstances(SHOP), [])
    const draining = (await observed()).find(({ id }) => id === old?.id)
    assert.equal(draining?.state, 'draining')
    assert.equal(draining?.inFlight, 1)
    const answer = await slow
    assert.equal(await answer.body.text(), old?.id)
    await untilReady(supervisor, SHOP, 1)
  })

  it('does not wait longer than drainSeconds and stopSeconds, whatever the instance does', async () => {
    const env = { IGNORE_TERM: 'yes', GRANDCHILD: 'yes' }
    const revision = revisionWith(env, { drainSeconds: 0.2, stopSeconds: 0.2 })
    await supervisor.scale(SHOP, [{ revision, count: 1 }])
    const [instance] = await untilReady(supervisor, SHOP, 1)
    const ids = new Set([instance?.id ?? ''])
    await until('its grandchild', async () => (await processesOf(ids)).length === 2)
    const endless = request(`${await balancer.directAddress(SHOP)}/slow?ms=600000`)
    const cut = assert.doesNotReject(endless.then(({ body }) => body.text()))
    await until('the request', () => balancer.inFlight(instance?.id ?? '') === 1)
    await supervisor.scale(SHOP, [])
    await untilGone()
    assert.deepEqual(await processesOf(ids), [])
    await cut
  })

  it('starts what keeps crashing again and again, ever later, and says why', async () => {
    const revision = revisionWith({ CRASH: 'start' })
    await supervisor.scale(SHOP, [{ revision, count: 1 }])
    const events = await until('three ends', async () => {
      const seen = await supervisor.events(0)
      return seen.length >= 3 && seen
    })
    const [first] = await observed()
    assert.equal(
      events.every(({ kind }) => kind === 'exited'),
      true,
    )
    assert.match(events[0]?.message ?? '', /exited with code 3 after \d+\.\d s: cannot go on/)
    assert.match(first?.reason ?? '', /cannot go on/)
    assert.ok((first?.restarts ?? 0) >= 3)
    assert.deepEqual(balancer.readyInstances(SHOP), [])
  })

  it('takes traffic from an instance that answers no more, and gives it back', async () => {
    const probe = {
      path: '/healthz',
      intervalSeconds: 0.1,
      timeoutSeconds: 0.3,
      deadlineSeconds: 60,
    }
    await supervisor.scale(SHOP, [{ revision: revisionWith({}, { ready: probe }), count: 1 }])
    const [instance] = await untilReady(supervisor, SHOP, 1)
    process.kill(instance?.pid ?? 0, 'SIGSTOP')
    const [frozen] = await until('unready', async () => {
      const seen = await observed()
      return seen[0]?.state === 'unready' && seen
    })
    assert.match(frozen?.reason ?? '', /gave no answer within 0.3 s/)
    assert.deepEqual(balancer.readyInstances(SHOP), [])
    process.kill(instance?.pid ?? 0, 'SIGCONT')
    const [again] = await untilReady(supervisor, SHOP, 1)
    assert.equal(again?.pid, instance?.pid)
    assert.equal(again?.restarts, 0)
  })

  it('says that an instance has not become ready in time', async () => {
    const probe = {
      path: '/healthz',
      intervalSeconds: 0.1,
      timeoutSeconds: 5,
      deadlineSeconds: 0.1,
    }
    const revision = revisionWith({ NEVER_READY: 'yes' }, { ready: probe })
    await supervisor.scale(SHOP, [{ revision, count: 1 }])
    const [late] = await until('a reason', async () => {
      const seen = await observed()
      return seen[0]?.reason?.includes('within') === true && seen
    })
    assert.match(
      late?.reason ?? '',
      /not ready within 0.1 s: GET \/healthz on port \d+ (answered 503|failed)/,
    )
    assert.equal(late?.state, 'starting')
  })

  it('takes a connection as readiness where there is no path', async () => {
    const probe = { path: null, intervalSeconds: 0.1, timeoutSeconds: 5, deadlineSeconds: 60 }
    await supervisor.scale(SHOP, [{ revision: revisionWith({}, { ready: probe }), count: 1 }])
    await untilReady(supervisor, SHOP, 1)
  })

  it('puts another one in place of an instance that outgrows its memory', async () => {
    const revision = revisionWith({ LEAK: 'yes' }, { memoryBytes: 250 * 1024 * 1024 })
    await supervisor.scale(SHOP, [{ revision, count: 1 }])
    const [first] = await untilReady(supervisor, SHOP, 1)
    const [event] = await until('the event', async () => {
      const seen = await supervisor.events(0)
      return seen.length > 0 && seen
    })
    assert.equal(event?.kind, 'memory-limit')
    assert.match(event?.message ?? '', /uses \d+ MB, its limit is 250 MB/)
    await until('its end', async () => !(await observed()).some(({ id }) => id === first?.id))
    assert.equal((await supervisor.observe(SHOP)).desired[0]?.count, 1)
    await until('its replacement', async () =>
      (await observed()).some(({ state }) => state === 'ready'),
    )
  })

  it('keeps the output of an instance, and no more of it than asked', async () => {
    await reopen({ logs: { maxBytes: 2000, files: 2, endedInstances: 1 } })
    await supervisor.scale(SHOP, [{ revision: revisionWith(), count: 1 }])
    const [instance] = await untilReady(supervisor, SHOP, 1)
    const file = logFile(folder.path, SHOP, instance?.id ?? '')
    const shout = async () => {
      const answer = await request(`http://127.0.0.1:${instance?.port}/shout?bytes=3000`)
      await answer.body.dump()
      await until('room again', () => statSync(file).size === 0)
    }
    await shout()
    assert.ok(statSync(`${file}.1`).size >= 3000)
    await shout()
    assert.deepEqual(readdirSync(logFolder(folder.path, SHOP)).length, 2)
  })

  it('removes the scratch folder of an instance that is gone', async () => {
    await supervisor.scale(SHOP, [{ revision: revisionWith(), count: 1 }])
    await untilReady(supervisor, SHOP, 1)
    assert.equal(readdirSync(`${folder.path}/scratch`).length, 1)
    await supervisor.scale(SHOP, [])
    await untilGone()
    await until('an empty folder', () => readdirSync(`${folder.path}/scratch`).length === 0)
  })

  it('hides the secrets of an adopted instance, though it does not have them itself', async () => {
    await reopen({ env: { PATH: '/usr/bin:/bin', DB_PASSWORD: 'hush' } })
    const revision = revisionWith({ PASSWORD: { env: 'DB_PASSWORD' } })
    await supervisor.scale(SHOP, [{ revision, count: 1 }])
    const [instance] = await untilReady(supervisor, SHOP, 1)
    await supervisor.close({ leaveRunning: true })
    supervisor = await open({ env: {} })
    const gone = request(`http://127.0.0.1:${instance?.port}/exit?code=4`)
    await assert.rejects(gone)
    const event = await until('its end', async () => (await supervisor.events(0))[1] ?? null)
    assert.match(event.message, /leaving with \*\*\*$/)
  })

  it('replaces an adopted instance whose neighbour has moved', async () => {
    const revision = revisionWith({}, { needs: ['price-list'] })
    await supervisor.scale(SHOP, [{ revision, count: 1 }])
    const [before] = await untilReady(supervisor, SHOP, 1)
    await supervisor.close({ leaveRunning: true })
    await balancer.close()
    balancer = tinyBalancer()
    supervisor = await open()
    const [after] = await untilReady(supervisor, SHOP, 1)
    assert.notEqual(after?.pid, before?.pid)
    const [event] = await supervisor.events(0)
    assert.match(event?.message ?? '', /address of price-list has changed/)
  })

  it('leaves everything as it was when the edge cannot open, and tells why', async () => {
    await supervisor.scale(SHOP, [{ revision: revisionWith(), count: 1 }])
    const [before] = await untilReady(supervisor, SHOP, 1)
    await supervisor.close({ leaveRunning: true })
    const whenAdopted = () => Promise.reject(new Error('port taken'))
    await assert.rejects(open({ whenAdopted }), /port taken/)
    supervisor = await open()
    const [after] = await untilReady(supervisor, SHOP, 1)
    assert.equal(after?.pid, before?.pid)
  })
})
