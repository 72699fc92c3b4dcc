import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json, NewEvent, Store } from './store.ts'

/** A store that is empty, whose clock the test sets; the caller removes what `open` made. */
export type StoreUnderTest = {
  readonly store: Store
  setClock(at: number): void
}

export function event(id: string, state?: Json, type = 'run.changed'): NewEvent {
  const plain = { type, kind: 'run', id, actor: 'ada@example.com', data: { id } }
  return state === undefined ? plain : { ...plain, state }
}

/** What every implementation of Store must do. */
export function storeContract(name: string, open: () => StoreUnderTest): void {
  describe(`${name} as a store: the log`, () => logContract(open))
  describe(`${name} as a store: subjects`, () => subjectContract(open))
}

function logContract(open: () => StoreUnderTest): void {
  it('numbers events from 1 without a gap and links each to the one before', () => {
    const { store } = open()
    const first = store.append([event('a'), event('b')])
    const second = store.append([event('c')])
    assert.deepEqual(
      [...first, ...second].map(({ seq }) => seq),
      [1, 2, 3],
    )
    assert.equal(first[0]?.previousHash, '0'.repeat(64))
    assert.equal(first[1]?.previousHash, first[0]?.hash)
    assert.equal(second[0]?.previousHash, first[1]?.hash)
    assert.equal(store.firstBrokenLink(), null)
  })

  it('hashes as every implementation does', () => {
    const { store, setClock } = open()
    setClock(1_700_000_000_000)
    const [only] = store.append([
      {
        ...{ type: 'run.started', kind: 'run', id: 'r1', actor: 'ada@example.com' },
        data: { b: 1, a: ['é', null, true] },
        state: { status: 'running' },
      },
    ])
    // printf '%s\n%s' "$(printf '0%.0s' $(seq 64))" '{"actor":…}' | sha256sum
    assert.equal(only?.hash, '5e1fc691e3e1bb7752b57a4778d1171278b358250baec16907095a7e309da129')
  })

  it('gives back what was appended', () => {
    const { store } = open()
    const data = { text: 'ü\u0000 "x"', number: -1.5e-7, list: [1, [null]], empty: {} }
    const appended = store.append([{ ...event('a', { deep: { state: true } }), data }])
    assert.deepEqual(store.read({}), appended)
    assert.deepEqual(store.read({})[0]?.data, data)
    assert.equal('state' in (store.append([event('b')])[0] ?? {}), false)
  })

  it('is empty at first, and appending nothing changes nothing', () => {
    const { store } = open()
    assert.deepEqual(store.append([]), [])
    assert.deepEqual(store.read({}), [])
    assert.equal(store.firstBrokenLink(), null)
  })

  it('reads in order, after a seq, up to a limit, by kind, id and type', () => {
    const { store } = open()
    store.append([event('a'), event('b'), event('a', 1, 'run.ended'), { ...event('a'), kind: 'x' }])
    const seqs = (query: Parameters<Store['read']>[0]) => store.read(query).map(({ seq }) => seq)
    assert.deepEqual(seqs({ after: 1 }), [2, 3, 4])
    assert.deepEqual(seqs({ after: 1, limit: 2 }), [2, 3])
    assert.deepEqual(seqs({ kind: 'run', id: 'a' }), [1, 3])
    assert.deepEqual(seqs({ type: 'run.ended' }), [3])
    assert.deepEqual(seqs({ kind: 'x', id: 'a', type: 'run.changed' }), [4])
    assert.deepEqual(seqs({ kind: 'none' }), [])
  })

  it('reads at most 1000 events unless told', () => {
    const { store } = open()
    store.append(Array.from({ length: 1001 }, (_, index) => event(`${index}`)))
    assert.equal(store.read({}).length, 1000)
    assert.equal(store.read({ limit: 2000 }).length, 1001)
  })

  it('keeps time from going back when the clock does', () => {
    const { store, setClock } = open()
    setClock(5_000)
    store.append([event('a')])
    setClock(1_000)
    assert.equal(store.append([event('b')])[0]?.at, 5_000)
    setClock(6_000.7)
    assert.equal(store.append([event('c')])[0]?.at, 6_000)
  })

  it('refuses what JSON cannot say, and appends nothing of it', () => {
    const { store } = open()
    const bad = [
      { ...event('b'), data: { rate: Number.NaN } },
      { ...event('b'), id: '' },
      { ...event('b'), actor: 'a\u0000' },
    ]
    for (const each of bad) {
      assert.throws(() => store.append([event('a', 1), each]), { code: 'event-invalid' })
    }
    assert.deepEqual(store.read({}), [])
    assert.equal(store.get('run', 'a'), null)
  })
}

function subjectContract(open: () => StoreUnderTest): void {
  it('keeps the state of the last event that has one, and counts versions', () => {
    const { store, setClock } = open()
    setClock(10)
    store.append([event('a', { n: 1 }), event('a', { n: 2 })])
    setClock(20)
    store.append([event('a')])
    assert.deepEqual(store.get('run', 'a'), {
      ...{ kind: 'run', id: 'a', version: 2, updatedAt: 10 },
      state: { n: 2 },
    })
    assert.equal(store.get('run', 'b'), null)
    assert.equal(store.get('release', 'a'), null)
  })

  it('forgets a subject whose state is null, and never gives a version twice', () => {
    const { store } = open()
    store.append([event('a', 1), event('a', null)])
    assert.equal(store.get('run', 'a'), null)
    assert.deepEqual(store.list('run'), [])
    store.append([event('a', 2)], [{ kind: 'run', id: 'a', version: 0 }])
    assert.throws(() => store.append([event('a', 3)], [{ kind: 'run', id: 'a', version: 1 }]), {
      code: 'version-conflict',
    })
  })

  it('lists the one changed last first', () => {
    const { store } = open()
    store.append([event('a', 1), event('b', 1), event('c', 1), event('a', 2)])
    const ids = (limit?: number) => store.list('run', limit).map(({ id }) => id)
    assert.deepEqual(ids(), ['a', 'c', 'b'])
    assert.deepEqual(ids(2), ['a', 'c'])
  })

  it('refuses a lost race whole', () => {
    const { store } = open()
    const version = (n: number) => [{ kind: 'run', id: 'a', version: n }]
    store.append([event('a', 1)], version(0))
    store.append([event('a', 2)], version(1))
    for (const stale of [0, 1, 3]) {
      assert.throws(() => store.append([event('b', 1), event('a', 9)], version(stale)), {
        ...{ name: 'StoreError', code: 'version-conflict', retry: 'now' },
        message: /run a is at version 2, not/,
      })
    }
    assert.equal(store.read({}).length, 2)
    assert.equal(store.get('run', 'b'), null)
    store.append([event('a', 3)], version(2))
  })

  it('projects what a replay of the log gives', () => {
    const { store } = open()
    for (let round = 0; round < 40; round += 1) {
      const id = `s${(round * 7) % 5}`
      store.append([event(id, round % 6 === 0 ? null : { round }), event(`s${round % 3}`)])
    }
    const replayed = new Map<string, { version: number; state: Json }>()
    for (const { id, state } of store.read({})) {
      if (state === undefined) continue
      replayed.set(id, { version: (replayed.get(id)?.version ?? 0) + 1, state })
    }
    const expected = [...replayed].filter(([, { state }]) => state !== null)
    const projected = store.list('run').map(({ id, version, state }) => [id, { version, state }])
    assert.deepEqual(new Map(expected), new Map(Object.entries(Object.fromEntries(projected))))
    assert.ok(projected.length > 0)
  })
}
