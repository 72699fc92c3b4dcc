import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type NewEvent, openSqliteStore } from '../../src/store/index.ts'
import type { Figure, Part, PartOptions, PartResult } from '../figure.ts'
import { median } from '../quantile.ts'
import { quiet } from '../quiet.ts'

const BATCH = 100

/** Events appended a second, against plain inserts of the same rows with the same durability. */
export const store: Part = { name: 'store', run: measure }

async function measure({ stage, isQuick }: PartOptions): Promise<PartResult> {
  const own = openSqliteStore({ file: join(stage.folder, 'store.sqlite'), now: Date.now })
  const plain = openPlain(join(stage.folder, 'plain.sqlite'))
  const writers = { slipway: own.append, plain: plain.insert }
  const rates: Record<string, number[]> = {}
  for (let round = 0; round < (isQuick ? 2 : 7); round++) {
    await quiet()
    for (const size of [1, BATCH]) {
      for (const [name, append] of Object.entries(writers)) {
        const key = `${name} by ${size}`
        const rate = perSecond(append, { size, total: isQuick ? 200 : size === 1 ? 1000 : 10_000 })
        rates[key] = [...(rates[key] ?? []), rate]
      }
    }
  }
  own.close()
  plain.close()
  const figure = (what: string, size: number): Figure => {
    const rate = (name: string) => median(rates[`${name} by ${size}`]!)
    const peers = [{ name: 'node:sqlite', value: rate('plain') }]
    return { part: 'store', what, value: rate('slipway'), unit: 'events/s', peers }
  }
  return {
    figures: [figure('appended one by one', 1), figure(`appended ${BATCH} at once`, BATCH)],
    details: { rates },
  }
}

type Append = (events: readonly NewEvent[]) => unknown

function perSecond(append: Append, { size, total }: { size: number; total: number }): number {
  const started = performance.now()
  for (let done = 0; done < total; done += size)
    append(Array.from({ length: size }, (_, i) => event(done + i)))
  return (total * 1000) / (performance.now() - started)
}

/** As a step of a rollout is recorded. */
function event(n: number): NewEvent {
  const id = `production/orders/${n % 50}`
  const seen = { phase: 'progressing', weight: n % 100, reason: 'collecting', requests: n * 10 }
  return {
    type: 'rollout.step-reached',
    kind: 'rollout',
    id,
    actor: 'slipway',
    data: seen,
    state: { ...seen, service: 'orders', environment: 'production', steps: [5, 25, 100] },
  }
}

/** A table without chain and projection, synced at each commit as the store is. */
function openPlain(file: string): { insert: Append; close: () => void } {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON')
  db.exec(
    'CREATE TABLE event (seq INTEGER PRIMARY KEY, at INTEGER, type TEXT, kind TEXT, id TEXT, actor TEXT, data TEXT, state TEXT)',
  )
  const insert = db.prepare(
    'INSERT INTO event (at, type, kind, id, actor, data, state) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  return {
    insert(events) {
      db.exec('BEGIN IMMEDIATE')
      for (const { type, kind, id, actor, data, state } of events)
        insert.run(Date.now(), type, kind, id, actor, JSON.stringify(data), JSON.stringify(state))
      db.exec('COMMIT')
    },
    close: () => db.close(),
  }
}
