import type { Hono } from 'hono'
import { streamText } from 'hono/streaming'
import type { RunEvent } from '../pipeline/index.ts'
import type { EventQuery } from '../store/index.ts'
import type { ServerParts } from './server-parts.ts'

/** How often a follower is sent what is new in the log. */
const FOLLOW_MS = 200

/** The event log: read a page, or follow it as JSON lines; and the output of runs as it comes. */
export function eventRoutes(app: Hono, { world, controller }: ServerParts): void {
  app.get('/api/events', (context) => {
    const query = queryOf(context.req.query())
    if (context.req.query('follow') === undefined)
      return context.json(world.ledger.store.read(query))
    return streamText(context, async (stream) => {
      let after = query.after ?? world.ledger.store.read({ limit: 1_000_000 }).at(-1)?.seq ?? 0
      while (!stream.aborted) {
        const events = world.ledger.store.read({ ...query, after })
        for (const event of events) await stream.writeln(JSON.stringify(event))
        after = events.at(-1)?.seq ?? after
        if (events.length === 0) await stream.sleep(FOLLOW_MS)
      }
    })
  })

  app.get('/api/runs/output', (context) =>
    streamText(context, async (stream) => {
      const lines: string[] = []
      const stop = controller.runs.listen((run: string, event: RunEvent) => {
        lines.push(JSON.stringify({ run, event }))
      })
      stream.onAbort(stop)
      while (!stream.aborted) {
        for (const line of lines.splice(0)) await stream.writeln(line)
        await stream.sleep(FOLLOW_MS)
      }
      stop()
    }),
  )
}

function queryOf(given: Record<string, string>): EventQuery {
  const number = (name: string) =>
    given[name] === undefined ? {} : { [name]: Number(given[name]) }
  const text = (name: string) => (given[name] === undefined ? {} : { [name]: given[name] })
  return { ...number('after'), ...number('limit'), ...text('kind'), ...text('id'), ...text('type') }
}
