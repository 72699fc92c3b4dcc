import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { event, storeContract } from '../store.contract.ts'
import { openDatabase, transaction, translating } from './database.ts'
import { migrate, migrations, requireCurrent, schemaVersion } from './migrations.ts'
import { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-store-'))
const opened: { close(): void }[] = []
after(() => {
  for (const each of opened) each.close()
  rmSync(folder, { recursive: true, force: true })
})

let files = 0
function newFile(): string {
  files += 1
  return join(folder, `${files}`, 'store.sqlite')
}

function open(file: string, options: Partial<SqliteStoreOptions> = {}): SqliteStore {
  const store = openSqliteStore({ file, now: () => Date.now(), ...options })
  opened.push(store)
  return store
}

function raw(file: string): DatabaseSync {
  const db = new DatabaseSync(file)
  opened.push({ close: () => db.isOpen && db.close() })
  return db
}

storeContract('sqlite', () => {
  let at = 1
  const store = open(newFile(), { now: () => at })
  const setClock = (next: number) => {
    at = next
  }
  return { store, setClock }
})

describe('the log in SQLite', () => {
  it('is still there after closing and opening', () => {
    const file = newFile()
    const first = open(file, { exclusive: true })
    const appended = first.append([event('a', { n: 1 })])
    first.close()
    const second = open(file, { exclusive: true })
    assert.deepEqual(second.read({}), appended)
    assert.deepEqual(second.get('run', 'a')?.state, { n: 1 })
    assert.equal(second.append([event('b')])[0]?.seq, 2)
  })

  it('syncs the log at each commit', () => {
    const db = openDatabase({ file: newFile(), readOnly: false })
    opened.push(db)
    assert.equal(db.prepare('PRAGMA journal_mode').get()?.journal_mode, 'wal')
    // 2 is FULL: https://sqlite.org/pragma.html#pragma_synchronous
    assert.equal(db.prepare('PRAGMA synchronous').get()?.synchronous, 2)
  })

  it('refuses UPDATE, DELETE, REPLACE and a gap in seq', () => {
    const file = newFile()
    open(file).append([event('a', 1), event('b', 1)])
    const db = raw(file)
    const insert = (seq: number, verb: string) =>
      `${verb} INTO events SELECT ${seq}, at, type, kind, id, 'eve', data, state, previous_hash, hash FROM events LIMIT 1`
    for (const sql of [
      `UPDATE events SET actor = 'eve'`,
      'DELETE FROM events WHERE seq = 2',
      insert(1, 'INSERT OR REPLACE'),
      insert(9, 'INSERT'),
    ]) {
      assert.throws(() => db.exec(sql), /append-only/, sql)
    }
  })

  for (const [what, sql, at] of [
    ['data', `UPDATE events SET data = '{"id":"eve"}' WHERE seq = 3`, 3],
    ['a space in data', `UPDATE events SET data = replace(data, ':', ': ') WHERE seq = 3`, 3],
    ['the actor', `UPDATE events SET actor = 'eve' WHERE seq = 2`, 2],
    ['the time', `UPDATE events SET at = at - 1 WHERE seq = 5`, 5],
    ['the state', `UPDATE events SET state = NULL WHERE seq = 1`, 1],
    ['a hash', `UPDATE events SET hash = upper(hash) WHERE seq = 4`, 4],
    ['a removed event', 'DELETE FROM events WHERE seq = 2', 2],
    ['a cut-off end', 'DELETE FROM events WHERE seq >= 4', 4],
    ['everything removed', 'DELETE FROM events', 1],
  ] as const) {
    it(`finds tampering: ${what}`, () => {
      const file = newFile()
      const store = open(file)
      for (const id of ['a', 'b', 'c', 'd', 'e']) store.append([event(id, { id })])
      assert.equal(store.firstBrokenLink(), null)
      const db = raw(file)
      db.exec('DROP TRIGGER events_never_change; DROP TRIGGER events_never_go')
      db.exec(sql)
      assert.equal(store.firstBrokenLink(), at)
    })
  }

  it('makes the subjects anew from the log', () => {
    const file = newFile()
    const store = open(file)
    store.append([event('a', 1), event('b', 1), event('a', 2), event('b', null)])
    const before = store.list('run')
    raw(file).exec(`UPDATE subjects SET state = '9', version = 9`)
    assert.notDeepEqual(store.list('run'), before)
    store.rebuildSubjects()
    assert.deepEqual(store.list('run'), before)
    assert.throws(() => store.append([event('b', 1)], [{ kind: 'run', id: 'b', version: 2 }]), {
      code: 'version-conflict',
    })
  })
})

describe('who may open the store', () => {
  it('lets one own it, and names the owner to the second', () => {
    const file = newFile()
    const owner = open(file, { exclusive: true })
    assert.throws(() => open(file, { exclusive: true }), {
      ...{ name: 'StoreError', code: 'store-in-use', fault: 'outside' },
      message: new RegExp(`in use by process ${process.pid}:`),
    })
    owner.append([event('a')])
    owner.close()
    open(file, { exclusive: true }).append([event('b')])
  })

  it('lets others read beside the owner, and refuses them to write', () => {
    const file = newFile()
    const owner = open(file, { exclusive: true })
    owner.append([event('a', 1)])
    const reader = open(file, { readOnly: true })
    assert.equal(reader.get('run', 'a')?.version, 1)
    owner.append([event('a', 2)])
    assert.equal(reader.get('run', 'a')?.version, 2)
    assert.equal(reader.firstBrokenLink(), null)
    assert.throws(() => reader.append([event('a', 3)]), { code: 'store-read-only' })
    assert.throws(() => reader.rebuildSubjects(), { code: 'store-read-only' })
  })

  it('says so where there is no store to read, and makes none', () => {
    const file = newFile()
    assert.throws(() => open(file, { readOnly: true }), { code: 'store-missing' })
    assert.throws(() => readFileSync(file), { code: 'ENOENT' })
  })

  it('refuses a file that is no store', () => {
    const file = newFile()
    open(file).close()
    writeFileSync(
      file,
      'not a database, but long enough to have a header of a hundred bytes'.repeat(9),
    )
    assert.throws(() => open(file), { code: 'store-corrupted' })
  })

  it('takes writers one after the other when several append', () => {
    const file = newFile()
    const [one, two] = [open(file), open(file)]
    for (let n = 0; n < 20; n += 1) {
      one.append([event('a', n)])
      two.append([event('b', n)])
    }
    assert.equal(one.firstBrokenLink(), null)
    assert.equal(two.read({}).length, 40)
  })
})

describe('migrations', () => {
  const next = [
    ...migrations,
    { version: 2, name: 'a column', sql: 'ALTER TABLE subjects ADD COLUMN note TEXT' },
  ]

  it('are numbered 1, 2, 3 …', () => {
    assert.deepEqual(
      migrations.map(({ version }) => version),
      migrations.map((_, index) => index + 1),
    )
  })

  it('bring an older file forward and keep what is in it', () => {
    const file = newFile()
    const store = open(file)
    store.append([event('a', 1)])
    const db = raw(file)
    migrate(db, file, next)
    assert.equal(schemaVersion(db), 2)
    assert.equal(store.get('run', 'a')?.state, 1)
    migrate(db, file, next)
    assert.equal(schemaVersion(db), 2)
  })

  it('leave the file as it was when one fails', () => {
    const file = newFile()
    open(file)
    const db = raw(file)
    const sql = 'CREATE TABLE half (x); CREATE TABLE events (x)'
    const failing = [...migrations, { version: 2, name: 'broken', sql }]
    assert.throws(() => migrate(db, file, failing), /already exists/)
    assert.equal(schemaVersion(db), 1)
    assert.throws(() => db.prepare('SELECT * FROM half'), /no such table/)
  })

  it('refuse a file from a newer Slipway and leave it alone', () => {
    const file = newFile()
    open(file).close()
    const db = raw(file)
    db.exec('PRAGMA user_version = 99')
    for (const readOnly of [false, true]) {
      assert.throws(() => open(file, { readOnly, exclusive: !readOnly }), {
        code: 'store-newer',
        message: /schema version 99, this Slipway knows up to 1/,
      })
    }
    db.exec('PRAGMA user_version = 1')
    open(file, { exclusive: true })
  })

  it('are asked of whoever may write, not of a reader', () => {
    const file = newFile()
    open(file)
    assert.throws(() => requireCurrent(raw(file), file, next), { code: 'store-older' })
  })
})

describe('a full disk', () => {
  it('is a typed error, and nothing is half written', (t) => {
    const mount = join(folder, 'small')
    spawnSync('mkdir', ['-p', mount])
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', mount])
    if (mounted.status !== 0) {
      t.skip('needs the right to mount a small tmpfs (root)')
      return
    }
    const file = join(mount, 'store.sqlite')
    let store = openSqliteStore({ file, exclusive: true, now: () => 1 })
    try {
      const events = fillUntilRefused(store)
      store.close()
      store = openSqliteStore({ file, exclusive: true, now: () => 1 })
      assert.equal(store.read({ limit: 10_000 }).length, events)
      assert.equal(store.firstBrokenLink(), null)
    } finally {
      store.close()
      spawnSync('umount', [mount])
    }
  })

  it('is what SQLite means when a file may not grow', () => {
    const file = newFile()
    const db = openDatabase({ file, readOnly: false })
    opened.push(db)
    db.exec('CREATE TABLE t (x); PRAGMA max_page_count = 8')
    const fill = () => {
      for (let n = 0; n < 100; n += 1) db.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(4000))
    }
    assert.throws(() => translating(file, () => transaction(db, fill)), { code: 'disk-full' })
    assert.equal(db.prepare('SELECT count(*) AS n FROM t').get()?.n, 0)
  })
})

/** Appends pairs until the disk is full; the number of events that were acknowledged. */
function fillUntilRefused(store: SqliteStore): number {
  let events = 0
  for (;;) {
    const big = 'x'.repeat(20_000)
    try {
      events += store.append([event('a', big), event(`b${events}`, big)]).length
    } catch (error) {
      assert.ok(events > 0)
      assert.ok(error instanceof Error && 'code' in error)
      assert.equal(error.code, 'disk-full', String(error))
      assert.equal(store.read({ limit: 10_000 }).length, events)
      assert.equal(store.get('run', `b${events}`), null)
      return events
    }
  }
}

describe('kill -9', () => {
  it('loses no acknowledged event, tears no append, and frees the store', async () => {
    const file = newFile()
    const program = join(import.meta.dirname, 'testdata', 'append-forever.ts')
    let acknowledged = 0
    for (let round = 0; round < 5; round += 1) {
      acknowledged = Math.max(acknowledged, await appendUntilKilled(program, file, 20 + round * 37))
      const store = open(file, { exclusive: true })
      const last = Math.max(0, ...[...allEvents(store)].map(({ seq }) => seq))
      assert.ok(acknowledged > 0 && last >= acknowledged, `${acknowledged} of ${last}`)
      assert.equal(last % 3, 0, 'an append is whole')
      assert.equal(store.firstBrokenLink(), null)
      const projected = store.list('run')
      store.rebuildSubjects()
      assert.deepEqual(store.list('run'), projected)
      store.close()
    }
  })
})

function* allEvents(store: SqliteStore) {
  for (let after = 0; ; ) {
    const page = store.read({ after })
    yield* page
    const last = page.at(-1)
    if (last === undefined) return
    after = last.seq
  }
}

/** Runs the program until it has acknowledged so many appends, kills it, and gives the last seq it said. */
async function appendUntilKilled(program: string, file: string, appends: number): Promise<number> {
  const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  let output = ''
  try {
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      output += String(chunk)
      if (output.split('\n').length > appends) break
    }
    refuseSecondOwner(file, child.pid)
  } finally {
    child.kill('SIGKILL')
  }
  // It may have acknowledged more between the last look and its end.
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
  })
  await closed
  return lastWholeNumber(output)
}

/** What follows the last line feed may be half a number. */
function lastWholeNumber(output: string): number {
  return Math.max(0, ...output.split('\n').slice(0, -1).map(Number))
}

function refuseSecondOwner(file: string, pid: number | undefined): void {
  assert.throws(() => open(file, { exclusive: true }), {
    code: 'store-in-use',
    message: new RegExp(`process ${pid}`),
  })
}
