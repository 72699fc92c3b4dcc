import { openSqliteStore } from '../index.ts'

/** Appends until it is killed, and says each seq once `append` has returned. */
const store = openSqliteStore({
  file: process.argv[2] ?? '',
  exclusive: true,
  now: () => Date.now(),
})
for (let n = 0; ; n += 1) {
  const events = [0, 1, 2].map((part) => ({
    ...{ type: 'run.changed', kind: 'run', id: `r${n % 7}`, actor: 'slipway' },
    data: { n, part },
    state: { n, part },
  }))
  process.stdout.write(`${store.append(events).at(-1)?.seq}\n`)
}
