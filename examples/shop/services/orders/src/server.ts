import { getRequestListener } from '@hono/node-server'
import { startService, stopOnSignal } from '../../../lib/service.ts'
import { createApp } from './app.ts'
import { type Database, openDatabase } from './database.ts'

let database: Database | null = null

// It listens before the schema is ready, so that `/healthz` and `/readyz` can tell the two apart.
const listener = Promise.withResolvers<ReturnType<typeof getRequestListener>>()
const service = await startService({
  name: 'orders',
  env: process.env,
  listener: async (request, response) => (await listener.promise)(request, response),
  isReady: async () => (database === null ? false : database.isReady()),
})
stopOnSignal(async () => {
  await service.close()
  await database?.close()
})

database = await openDatabase(process.env)
listener.resolve(getRequestListener(createApp(database.pool).fetch))
