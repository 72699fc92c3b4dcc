import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { answerFault } from './answer.ts'
import { Forward } from './forward.ts'
import { hostName } from './host.ts'
import type { EdgeLimits } from './limits.ts'
import type { Route } from './route.ts'
import type { RouteTable } from './route-table.ts'

/** Takes requests in from every listener and knows how many are under way. */
export class Gateway {
  readonly limits: EdgeLimits
  isClosing = false
  /** Requests that met no route. */
  unrouted = 0
  readonly #table: RouteTable
  /** Connections that changed their protocol or want to: the server that took them no longer knows them. */
  readonly #upgrades = new Set<Socket>()
  #underWay = 0
  #onIdle: (() => void) | null = null

  constructor(limits: EdgeLimits, table: RouteTable) {
    this.limits = limits
    this.#table = table
  }

  /** A request on the shared port: its Host says which workload it is for. */
  byHost(req: IncomingMessage, res: ServerResponse, upgrade: string | null): void {
    const target = targetOf(req)
    const host = target?.host ?? ''
    const found = this.#table.find(host) ?? this.#table.find(hostName(host))
    if (target !== null && found !== null) {
      this.#forward({ req, res, upgrade, path: target.path, ...found })
      return
    }
    this.unrouted += 1
    if (target === null) answerFault(res, 'bad-request', 'The request target is not a path.')
    else answerFault(res, 'no-route', this.#table.noRoute(host))
  }

  /** A request on a workload's own port, or on its preview's, whatever its Host. */
  direct(
    route: Route,
    isPreview: boolean,
  ): (req: IncomingMessage, res: ServerResponse, upgrade: string | null) => void {
    return (req, res, upgrade) => {
      const target = targetOf(req)
      if (target === null) answerFault(res, 'bad-request', 'The request target is not a path.')
      else this.#forward({ req, res, upgrade, path: target.path, route, isPreview })
    }
  }

  /** A request is over: its response closed, or its upgraded connection ended. */
  leave(): void {
    this.#underWay -= 1
    if (this.#underWay === 0) this.#onIdle?.()
  }

  /** Settles when nothing is under way, or after so many milliseconds. */
  async idle(withinMs: number): Promise<void> {
    if (this.#underWay === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs)
      this.#onIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Ends upgraded connections, whatever they are at. */
  cutUpgrades(): void {
    for (const socket of this.#upgrades) socket.destroy()
  }

  #forward(incoming: Parameters<typeof Forward.begin>[1]): void {
    this.#underWay += 1
    incoming.res.on('close', () => this.leave())
    if (incoming.upgrade !== null) this.#remember(incoming.req.socket)
    Forward.begin(this, incoming)
  }

  #remember(socket: Socket): void {
    this.#upgrades.add(socket)
    socket.on('close', () => this.#upgrades.delete(socket))
  }
}

/** Host and path of a request; an absolute target overrides the Host header (RFC 9112, 3.2.2). */
function targetOf(req: IncomingMessage): { readonly host: string; readonly path: string } | null {
  const url = req.url ?? ''
  if (url.startsWith('/')) return { host: req.headers.host ?? '', path: url }
  const absolute = URL.parse(url)
  if (absolute === null || absolute.protocol !== 'http:') return null
  return { host: absolute.host, path: absolute.pathname + absolute.search }
}
