import assert from 'node:assert/strict'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { eventRing } from './event-ring.ts'
import { choosePorts } from './ports.ts'
import type { State } from './schema.ts'
import { readState, stateFile } from './state-file.ts'
import { openSupervisor } from './supervisor.ts'
import { revisionWith, SHOP, temporaryFolder, unpackFixture } from './testdata/fixture.ts'
import { tinyBalancer } from './testdata/tiny-balancer.ts'

describe('what the supervisor keeps', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  beforeEach(async () => {
    folder = await temporaryFolder()
  })
  afterEach(() => folder.remove())

  it('is read back as it was written, the newest of many at once', async () => {
    let state = await readState(folder.path)
    const file = stateFile(folder.path, () => state)
    const saves = [1, 2, 3].map((lastSeq) => {
      state = { ...state, lastSeq }
      return file.save()
    })
    await Promise.all(saves)
    assert.equal((await readState(folder.path)).lastSeq, 3)
  })

  it('is refused when it is damaged, and left as it is', async () => {
    const file = join(folder.path, 'platform.json')
    for (const text of ['{"format":1', '{"format":2}', '']) {
      await writeFile(file, text)
      await assert.rejects(
        openSupervisor({ folder: folder.path, balancer: tinyBalancer(), unpack: unpackFixture }),
        { code: 'state-unreadable', message: /platform\.json does not hold/ },
      )
      assert.equal(await readFile(file, 'utf8'), text)
    }
  })

  it('cannot be written: nothing that was asked is done, until it can', async () => {
    const supervisor = await openSupervisor({
      folder: folder.path,
      balancer: tinyBalancer(),
      unpack: unpackFixture,
    })
    // A folder where the new file is to be: writing fails as on a full disk.
    const obstacle = join(folder.path, 'platform.json.new')
    await mkdir(obstacle)
    const desired = [{ revision: revisionWith(), count: 1 }]
    await assert.rejects(supervisor.scale(SHOP, desired), { code: 'state-not-saved' })
    assert.deepEqual(await supervisor.observe(SHOP), { desired: [], instances: [] })
    assert.deepEqual(await supervisor.list(), [])
    await rm(obstacle, { recursive: true })
    await supervisor.scale(SHOP, desired)
    assert.equal((await supervisor.observe(SHOP)).instances.length, 1)
    await supervisor.close()
  })

  it('gives no number of an event twice, even if the last ones were not saved', () => {
    const event = { workload: SHOP, instance: 'a', revision: 'one', message: '' }
    const before = eventRing({ lastSeq: 0, events: [] })
    const saved: Pick<State, 'lastSeq' | 'events'> = { lastSeq: before.lastSeq, events: [] }
    before.add({ ...event, kind: 'exited' })
    const lost = before.lastSeq
    const after = eventRing(saved)
    after.add({ ...event, kind: 'adopted' })
    assert.deepEqual(
      after.after(lost).map(({ kind }) => kind),
      ['adopted'],
    )
  })
})

describe('ports of instances', () => {
  it('are never the ones that somebody has', async () => {
    const squatter = createServer()
    await new Promise<void>((resolve) => {
      squatter.listen(0, '127.0.0.1', resolve)
    })
    const address = squatter.address()
    const first = typeof address === 'object' && address !== null ? address.port : 0
    const port = await choosePorts({ first, end: first + 1 }).take()
    assert.notEqual(port, first)
    squatter.close()
  })

  it('are given to one instance at a time', async () => {
    const ports = choosePorts({ first: 20_000, end: 20_010 })
    const given = await Promise.all(Array.from({ length: 10 }, () => ports.take()))
    assert.equal(new Set(given).size, 10)
  })
})
