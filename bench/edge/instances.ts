/** Small HTTP servers in one process, started and stopped by its parent as instances are. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerCalls } from './remote.ts'

const BODY = 'x'.repeat(200)

/** Long enough that there is always something to drain. */
const ANSWER_MS = 5

const servers = new Map<number, Server>()

answerCalls({
  async start() {
    const server = createServer((req, res) => {
      req.resume()
      req.on('end', () => setTimeout(() => res.end(BODY), ANSWER_MS))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    servers.set(port, server)
    return port
  },
  /** As a kill does: what is under way is lost. */
  stop(port: number) {
    const server = servers.get(port)
    servers.delete(port)
    server?.close()
    server?.closeAllConnections()
  },
})
