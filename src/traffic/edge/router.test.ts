import { request } from 'undici'
import type { Endpoint } from '../../platform/index.ts'
import { routerContract } from '../router.contract.ts'
import { endpoint, named, startBackend, startRig } from './rig.ts'

routerContract('edge', async (t) => {
  const { edge } = await startRig(t)
  const endpoints: Endpoint[] = []
  return {
    router: edge,
    addInstance: async (workload, revision) => {
      const { port } = await startBackend(t, named(revision))
      endpoints.push(endpoint(revision, port))
      edge.update(workload, endpoints)
    },
    revisionAt: async (address) => {
      const { host, port } = new URL(address)
      // Names below localhost reach the loopback on every machine only when the client asks for it.
      const { headers } = await request(`http://127.0.0.1:${port}/`, { headers: { host } })
      const revision = headers['x-slipway-revision']
      return typeof revision === 'string' ? revision : null
    },
  }
})
