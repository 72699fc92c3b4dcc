import { getRequestListener } from '@hono/node-server'
import { startService, stopOnSignal } from '../../../lib/service.ts'
import { app } from './app.ts'

const service = await startService({
  name: 'catalog',
  env: process.env,
  listener: getRequestListener(app.fetch),
  isReady: async () => true,
})
stopOnSignal(service.close)
