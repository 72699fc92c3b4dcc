import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { Balancer, Endpoint, WorkloadRef } from '../../platform.ts'

/** A real HTTP balancer, as small as can be: round robin over ready endpoints, no retry. */
export interface TinyBalancer extends Balancer {
  endpoints(workload: WorkloadRef): readonly Endpoint[]
  /** Ids of the instances that get new requests. */
  readyInstances(workload: WorkloadRef): readonly string[]
  close(): Promise<void>
}

export function tinyBalancer(): TinyBalancer {
  const lists = new Map<string, readonly Endpoint[]>()
  const busy = new Map<string, number>()
  const servers = new Map<string, Promise<Server>>()
  const count = (instance: string, by: number) =>
    busy.set(instance, (busy.get(instance) ?? 0) + by)
  let turn = 0

  const listen = async (key: string): Promise<Server> => {
    const server = createServer((incoming, outgoing) => {
      const ready = (lists.get(key) ?? []).filter(({ state }) => state === 'ready')
      const endpoint = ready[turn++ % ready.length]
      if (endpoint === undefined) {
        outgoing.writeHead(503).end('nobody is ready')
        return
      }
      count(endpoint.instance, 1)
      outgoing.on('close', () => count(endpoint.instance, -1))
      const { host, port } = endpoint
      const asked = request({ host, port, path: incoming.url, agent: false }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502)
        answer.pipe(outgoing)
      })
      asked.on('error', (error) => {
        outgoing.writeHead(502).end(error.message)
      })
      asked.end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }

  return {
    update: (workload, endpoints) => void lists.set(keyOf(workload), endpoints),
    inFlight: (instance) => busy.get(instance) ?? 0,
    async directAddress(workload) {
      const key = keyOf(workload)
      const server = servers.get(key) ?? listen(key)
      servers.set(key, server)
      const address = (await server).address()
      if (typeof address !== 'object' || address === null) throw new Error('not listening')
      return `http://127.0.0.1:${address.port}`
    },
    endpoints: (workload) => lists.get(keyOf(workload)) ?? [],
    readyInstances: (workload) =>
      (lists.get(keyOf(workload)) ?? [])
        .filter(({ state }) => state === 'ready')
        .map(({ instance }) => instance),
    async close() {
      for (const listening of servers.values()) {
        const server = await listening
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

function keyOf({ environment, service }: WorkloadRef): string {
  return `${environment}/${service}`
}
