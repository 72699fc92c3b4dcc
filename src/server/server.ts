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
  app.notFound((context) =>
    context.json(errorBody('not-found', `no ${context.req.path} here`, 'input'), 404),
  )
  app.onError((error, context) => {
    if (error instanceof ZodError)
      return context.json(errorBody('bad-request', z.prettifyError(error), 'input'), 400)
    if (error instanceof SyntaxError)
      return context.json(errorBody('bad-request', error.message, 'input'), 400)
    const expected = asSlipwayError(error)
    if (expected === null) throw error
    const body = errorBody(expected.code, expected.message, expected.fault)
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

function errorBody(code: string, message: string, fault: ErrorBody['fault']): ErrorBody {
  return { code, message, fault }
}
