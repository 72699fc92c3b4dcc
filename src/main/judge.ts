import { existsSync } from 'node:fs'
import type { JudgeParts } from '../cli/index.ts'
import { findHome } from '../home/index.ts'
import { openSqliteStore } from '../store/index.ts'

/** What `slipway judge` reads from: standard input, or the log beside the running control plane. */
export function judgeParts(): JudgeParts {
  return {
    stdin: process.stdin,
    isOutTerminal: process.stdout.isTTY === true,
    *readRolloutTicks(rollout) {
      const { store: file } = findHome(process.cwd(), process.env.SLIPWAY_STATE)
      if (!existsSync(file)) return
      const store = openSqliteStore({ file, readOnly: true, now: Date.now })
      try {
        let after = 0
        for (;;) {
          const events = store.read({ after, kind: 'rollout', id: rollout, limit: 200 })
          if (events.length === 0) return
          yield* events
          after = events.at(-1)!.seq
        }
      } finally {
        store.close()
      }
    },
  }
}
