import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

/** Picks ports for instances and remembers which are given away. */
export interface Ports {
  /** A loopback port that nobody listens on now. */
  take(): Promise<number>
  /** Marks a port as given away (an adopted instance has it). */
  hold(port: number): void
  release(port: number): void
}

/** `end` is the first port after it. */
export type PortRange = { readonly first: number; readonly end: number }

const FIRST = 20_000
const TRIES = 50

/**
 * Ports below the range from which the system takes the local ends of connections: inside it the
 * balancer's own connections would now and then sit on a port that an instance is about to open.
 */
export function choosePorts(
  range: PortRange = { first: FIRST, end: Math.max(FIRST + 1000, firstEphemeral()) },
): Ports {
  const taken = new Set<number>()
  return {
    async take() {
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const port = range.first + Math.floor(Math.random() * (range.end - range.first))
        if (taken.has(port)) continue
        taken.add(port)
        if ((await listenOnce(port)) !== null) return port
        taken.delete(port)
      }
      const port = await listenOnce(0)
      if (port === null) throw new Error('the system has no free port on 127.0.0.1')
      taken.add(port)
      return port
    },
    hold: (port) => void taken.add(port),
    release: (port) => void taken.delete(port),
  }
}

/** The port, once it was open for a moment; null: somebody else has it. */
function listenOnce(port: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', (error) => {
      if ('code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) resolve(null)
      else reject(error)
    })
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address()
      const chosen = typeof address === 'object' && address !== null ? address.port : port
      server.close(() => resolve(chosen))
    })
  })
}

function firstEphemeral(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s/)[0])
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    // Systems without /proc start at 49152, as RFC 6335 says.
    return 49_152
  }
}
