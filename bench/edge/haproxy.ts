import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { locate } from '../program.ts'
import type { Stage } from '../stage.ts'
import type { ReverseProxy } from './reverse-proxy.ts'
import { SLOTS } from './workload.ts'

const DEFAULTS = `defaults
  mode http
  option http-keep-alive
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 60s
`

/** Two servers that answer 200 bytes from memory, faster than any proxy asks. Returns their ports. */
export async function startStatic(stage: Stage, core: number | null): Promise<readonly number[]> {
  const ports = [await freePort(), await freePort()]
  const frontends = ports.map(
    (port, i) => `frontend static${i}
  bind 127.0.0.1:${port}
  http-request return status 200 content-type text/plain string "${'x'.repeat(200)}"
`,
  )
  const config = `global\n  nbthread 1\n  maxconn 8000\n${DEFAULTS}${frontends.join('')}`
  await startHaproxy(stage, { name: 'static', core, config, port: ports[0]! })
  return ports
}

/** HAProxy set up to do what the edge does: connections kept and shared, safe retries, X-Forwarded-For. */
export async function startPeer(stage: Stage, core: number | null): Promise<ReverseProxy> {
  const port = await freePort()
  const admin = join(stage.folder, 'haproxy.sock')
  const servers = SLOTS.map((_, slot) => `  server s${slot} 127.0.0.1:1 weight 128 disabled\n`)
  const config = `global
  nbthread 1
  maxconn 8000
  stats socket ${admin} mode 600 level admin
${DEFAULTS}  option redispatch
  option forwardfor
  retries 3
frontend in
  bind 127.0.0.1:${port}
  default_backend instances
backend instances
  balance roundrobin
  http-reuse always
  retry-on conn-failure empty-response
  http-request disable-l7-retry unless METH_GET
${servers.join('')}`
  const pid = await startHaproxy(stage, { name: 'peer', core, config, port })
  const tell = async (command: string) => {
    const answer = (await ask(admin, command)).trim()
    // Some commands tell what they did; only these words tell of a failure.
    if (/unknown|invalid|no such|require|error/i.test(answer))
      throw new Error(`${command}: ${answer}`)
  }
  return {
    name: 'HAProxy',
    port,
    pid,
    async add(slot, at) {
      await tell(`set server instances/s${slot} addr 127.0.0.1 port ${at}`)
      await tell(`set server instances/s${slot} state ready`)
    },
    drain: (slot) => tell(`set server instances/s${slot} state drain`),
    inFlight: async (slot) => sessions(await ask(admin, 'show stat instances 4 -1'), `s${slot}`),
    remove: (slot) => tell(`set server instances/s${slot} state maint`),
    async setShare(percent) {
      for (const [slot, version] of SLOTS.entries()) {
        const share = version === 'b' ? percent : 100 - percent
        await tell(`set server instances/s${slot} weight ${Math.round((share * 256) / 100)}`)
      }
    },
  }
}

type Program = {
  readonly name: string
  readonly core: number | null
  readonly config: string
  readonly port: number
}

async function startHaproxy(stage: Stage, { name, core, config, port }: Program): Promise<number> {
  const file = join(stage.folder, `haproxy-${name}.cfg`)
  writeFileSync(file, config)
  const child = stage.start([locate('haproxy')!, '-q', '-db', '-f', file], { core })
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`haproxy ended with ${child.exitCode}`)
    await sleep(20)
  }
  return child.pid!
}

/** Column `scur` of HAProxy's CSV. */
function sessions(csv: string, server: string): number {
  const row = csv.split('\n').find((line) => line.split(',')[1] === server)
  if (row === undefined) throw new Error(`HAProxy says nothing of ${server}`)
  return Number(row.split(',')[4])
}

async function ask(socketPath: string, command: string): Promise<string> {
  const socket = connect(socketPath)
  socket.end(`${command}\n`)
  let text = ''
  for await (const chunk of socket.setEncoding('utf8')) text += chunk
  return text
}

function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, '127.0.0.1', () => resolve(true))
  socket.on('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('it does not listen')
  return address.port
}
