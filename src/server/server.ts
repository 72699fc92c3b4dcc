import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { ZodError, z } from 'zod'
import { asSlipwayError } from '../errors/index.ts'
import { actionRoutes } from './actions.ts'
import { eventRoutes } from './events.ts'
import type { ServerParts } from './server-parts.ts'
import { rolloutViews, statusOf } from './status.ts'

/** What the API itself refuses, explained in docs/errors/server.md; every other code is its room's. */
export type ServerErrorCode = 'not-found' | 'bad-request'

/** The body of every answer that is not 2xx. */
export type ErrorBody = {
  readonly code: string
  readonly message: string
  readonly fault: 'input' | 'outside'
}

/** The control plane's HTTP API. It is served on a socket that only the user who started it can open. */
export function apiOf(parts: ServerParts): Hono {
  const { world, controller, operator } = parts
  const app = new Hono()
  app.get('/api/health', (context) => context.json({ ok: true, pid: process.pid }))
  app.get('/api/status', async (context) => context.json(await statusOf(world, controller)))
  app.get('/api/rollouts', (context) => context.json(rolloutViews(world, controller)))
  app.get('/api/releases', (context) => context.json(world.ledger.values('release')))
  app.get('/api/passages', (context) => context.json(world.ledger.values('passage')))
  app.get('/api/environments/:environment/diff', async (context) => {
    const release = context.req.query('release') ?? null
    return context.json(
      await operator.diff({ environment: context.req.param('environment'), release }),
    )
  })
  eventRoutes(app, parts)
  actionRoutes(app, parts)
  app.notFound((context) => context.json(refusal('not-found', `no ${context.req.path} here`), 404))
  app.onError((error, context) => {
    if (error instanceof ZodError)
      return context.json(refusal('bad-request', z.prettifyError(error)), 400)
    if (error instanceof SyntaxError)
      return context.json(refusal('bad-request', error.message), 400)
    const expected = asSlipwayError(error)
    if (expected === null) throw error
    const { code, message, fault } = expected
    const body: ErrorBody = { code, message, fault }
    return context.json(body, expected.fault === 'input' ? 409 : 503)
  })
  return app
}

/** Serves the API on a Unix socket until it is closed. A socket left by a process that is gone is replaced. */
export async function serveApi(app: Hono, socket: string): Promise<{ close(): Promise<void> }> {
  rmSync(socket, { force: true })
  const server = createServer(getRequestListener(app.fetch))
  const umask = process.umask(0o077)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(socket, resolve)
    })
  } finally {
    process.umask(umask)
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function refusal(code: ServerErrorCode, message: string): ErrorBody {
  return { code, message, fault: 'input' }
}
