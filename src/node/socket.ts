import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'

/** Serves the API on a Unix socket that only this user may open. The caller holds the node's lock. */
export async function serveSocket(api: Hono, path: string): Promise<Server> {
  // Whoever made it is dead: the lock is ours.
  await rm(path, { force: true })
  const server = createServer(getRequestListener(api.fetch))
  const before = process.umask(0o177)
  try {
    // The socket is bound before this returns, so nobody ever sees it with other rights.
    server.listen(path)
  } finally {
    process.umask(before)
  }
  await once(server, 'listening')
  return server
}

/** Ends it and removes the socket; requests under way are answered first. */
export async function closeSocket(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  await closed
}
