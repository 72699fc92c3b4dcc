import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Heard = {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}
export type Reply = { readonly status: number; readonly body: unknown }

/** A neighbour that answers by a table of `METHOD /path` and remembers what it was asked. */
export async function startNeighbour(replies: Readonly<Record<string, Reply>>) {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { method = '', url = '', headers } = request
    heard.push({ method, url, headers, body })
    const reply = replies[`${method} ${url}`] ?? { status: 404, body: { error: 'not here' } }
    response.writeHead(reply.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(reply.body))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    heard,
    close: () => new Promise((done) => server.close(done)),
  }
}
