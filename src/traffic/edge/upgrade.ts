import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Duplex, pipeline } from 'node:stream'
import type { EdgeLimits } from './limits.ts'

export type Upgrade = {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly upstream: Duplex
  readonly status: number
  /** Names and values by turns. */
  readonly head: readonly string[]
}

/**
 * Gives the client the instance's `101` and joins the two connections, both ways, until both have ended.
 * Either one breaking breaks the other; a half-closed one stays half-open.
 */
export function spliceUpgrade(
  { req, res, upstream, status, head }: Upgrade,
  limits: EdgeLimits,
  closed: () => void,
): void {
  const client = req.socket
  res.detachSocket(client)
  let lines = `HTTP/1.1 ${status} Switching Protocols\r\n`
  for (let i = 0; i < head.length; i += 2) lines += `${head[i]}: ${head[i + 1]}\r\n`
  client.write(`${lines}\r\n`, 'latin1')
  client.setTimeout(limits.upgradedIdleMs, () => client.destroy())
  let open = 2
  const ended = () => {
    open -= 1
    if (open === 0) closed()
  }
  // `pipeline` reports a broken connection to its callback and has destroyed both by then: there is
  // nobody left to tell but the count of what is under way.
  pipeline(client, upstream, ended)
  pipeline(upstream, client, ended)
}
