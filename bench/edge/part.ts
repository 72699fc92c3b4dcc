import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Figure, Part, PartOptions, PartResult } from '../figure.ts'
import { cpuMs } from '../process-usage.ts'
import { locate } from '../program.ts'
import { median } from '../quantile.ts'
import { quiet } from '../quiet.ts'
import type { Stage } from '../stage.ts'
import { startBuiltIn } from './built-in.ts'
import { type Churned, churn } from './churn.ts'
import type { ClientResult } from './client-result.ts'
import { startPeer, startStatic } from './haproxy.ts'
import { type ClosedResult, closedLoad, openLoad } from './load.ts'
import { Remote } from './remote.ts'
import type { ReverseProxy } from './reverse-proxy.ts'

const CONNECTIONS = 32
const OPEN_RATE = 1000
const CHURN_RATE = 500
const HAPROXY = 'edge: haproxy is not there (Debian: apt-get install haproxy)'

/** The built-in edge against HAProxy: the proxy has one core, clients and instances have another. */
export const edge: Part = { name: 'edge', run: measure }

/** Null: no core of its own. */
type Cores = { readonly proxy: number | null; readonly others: number | null }

async function measure(options: PartOptions): Promise<PartResult> {
  const isPeerThere = locate('haproxy') !== null
  const cores = coresOf()
  const skipped = [...(isPeerThere ? [] : [HAPROXY]), ...(cores.proxy === null ? [NO_PINNING] : [])]
  if (locate('wrk') === null)
    skipped.push('edge: wrk is not there (Debian: apt-get install wrk); a slower client is used')
  const speed = isPeerThere ? await measureSpeed(cores, options) : null
  const losses = await measureLosses(cores, options)
  return {
    figures: [...(speed?.figures ?? []), ...losses.figures],
    skipped,
    details: { cores, speed: speed?.details ?? null, losses: losses.details },
  }
}

const NO_PINNING =
  'edge: proxy and clients share all cores (taskset and two cores are needed to part them)'

function coresOf(): Cores {
  const canPin = locate('taskset') !== null && availableParallelism() > 1
  return canPin ? { proxy: 0, others: 1 } : { proxy: null, others: null }
}

type Closed = ClosedResult & { readonly cpuMicrosPerRequest: number; readonly cpuShare: number }

type Round = {
  readonly closed: Readonly<Record<string, Closed>>
  readonly open: Readonly<Record<string, ClientResult>>
}

/** Requests a second in a closed loop and latency in an open one, the proxies taking turns. */
async function measureSpeed(cores: Cores, { stage, isQuick, note }: PartOptions) {
  const statics = await startStatic(stage, cores.others)
  const proxies = [await startBuiltIn(stage, cores.proxy), await startPeer(stage, cores.proxy)]
  for (const proxy of proxies) {
    await proxy.add(0, statics[0]!)
    await proxy.add(2, statics[1]!)
    await proxy.setShare(50)
  }
  const load = (port: number, seconds: number) => ({ stage, core: cores.others, port, seconds })
  for (const proxy of proxies) await closedLoad(CONNECTIONS, load(proxy.port, isQuick ? 1 : 4))
  const rounds: Round[] = []
  for (let i = 0; i < (isQuick ? 1 : 7); i++) {
    note(`edge: round ${i + 1}`)
    const closed: Record<string, Closed> = {}
    for (const proxy of proxies) {
      await quiet()
      closed[proxy.name] = await watched(proxy, () =>
        closedLoad(CONNECTIONS, load(proxy.port, isQuick ? 2 : 4)),
      )
    }
    const open: Record<string, ClientResult> = {}
    for (const { name, port } of [{ name: DIRECT, port: statics[0]! }, ...proxies]) {
      await quiet()
      open[name] = await openLoad(OPEN_RATE, load(port, isQuick ? 2 : 5))
    }
    rounds.push({ closed, open })
  }
  await stage.endAll()
  return { figures: speedFigures(rounds), details: { rounds } }
}

const DIRECT = 'direct'

/** Adds what the proxy's own process used of its core meanwhile. */
async function watched(proxy: ReverseProxy, load: () => Promise<ClosedResult>): Promise<Closed> {
  const [cpuBefore, before] = [cpuMs(proxy.pid), performance.now()]
  const result = await load()
  const used = cpuMs(proxy.pid) - cpuBefore
  const tookMs = performance.now() - before
  const requests = (result.perSecond * tookMs) / 1000
  return { ...result, cpuMicrosPerRequest: (used * 1000) / requests, cpuShare: used / tookMs }
}

function speedFigures(rounds: readonly Round[]): Figure[] {
  const closed = (name: string, of: (result: Closed) => number) =>
    median(rounds.map((round) => of(round.closed[name]!)))
  const open = (name: string, of: (result: ClientResult) => number) =>
    median(rounds.map((round) => of(round.open[name]!)))
  const figure = (what: string, unit: string, of: (name: string) => number): Figure => {
    const peers = [{ name: 'HAProxy', value: of('HAProxy') }]
    return { part: 'edge', what, unit, value: of('slipway'), peers }
  }
  const perSecond = (name: string) => closed(name, (result) => result.perSecond)
  const share = perSecond('slipway') / perSecond('HAProxy')
  const added = (name: string) =>
    open(name, (result) => result.p99) - open(DIRECT, (result) => result.p99)
  return [
    {
      ...figure(`${CONNECTIONS} connections, closed loop`, 'req/s', perSecond),
      aim: { text: `half of HAProxy's: ${share.toFixed(2)}`, isMet: share >= 0.5 },
    },
    figure('CPU a request', 'µs', (name) => closed(name, (result) => result.cpuMicrosPerRequest)),
    figure('p50, closed loop', 'ms', (name) => closed(name, (result) => result.p50)),
    figure('p99, closed loop', 'ms', (name) => closed(name, (result) => result.p99)),
    figure(`p50, ${OPEN_RATE}/s open loop`, 'ms', (name) => open(name, (result) => result.p50)),
    figure(`p99, ${OPEN_RATE}/s open loop`, 'ms', (name) => open(name, (result) => result.p99)),
    {
      ...figure(`p99 added, ${OPEN_RATE}/s open loop`, 'ms', added),
      aim: { text: 'under 2 ms', isMet: added('slipway') < 2 },
    },
    figure('failed in all of that', 'requests', (name) =>
      rounds.reduce((sum, r) => sum + r.closed[name]!.failed + r.open[name]!.failed, 0),
    ),
  ]
}

type Loss = ClientResult & Churned

/** Requests that are lost while weights change and instances are replaced. */
async function measureLosses(cores: Cores, { stage, isQuick, note }: PartOptions) {
  const starts = [startBuiltIn, ...(locate('haproxy') === null ? [] : [startPeer])]
  const details: Record<string, Loss> = {}
  for (const start of starts) {
    const proxy = await start(stage, cores.proxy)
    note(`edge: ${proxy.name} while instances are replaced`)
    details[proxy.name] = await lossOf(proxy, { stage, cores, seconds: isQuick ? 3 : 10 })
    await stage.endAll()
  }
  const { slipway: own, HAProxy: peer } = details
  const { failed, sent, weightsSet, instancesReplaced } = own!
  const figure: Figure = {
    part: 'edge',
    what: `lost of ${sent} at ${CHURN_RATE}/s (${weightsSet} weights, ${instancesReplaced} instances)`,
    value: failed,
    unit: 'requests',
    peers: peer === undefined ? [] : [{ name: 'HAProxy', value: peer.failed }],
    aim: { text: 'none', isMet: failed === 0 },
  }
  return { figures: [figure], details }
}

type LossOptions = { readonly stage: Stage; readonly cores: Cores; readonly seconds: number }

async function lossOf(proxy: ReverseProxy, { stage, cores, seconds }: LossOptions): Promise<Loss> {
  const command = [process.execPath, join(import.meta.dirname, 'instances.ts')]
  const child = stage.start(command, {
    core: cores.others,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const over = new AbortController()
  const ready = Promise.withResolvers<void>()
  const churned = churn(proxy, {
    instances: await Remote.to(child),
    onReady: ready.resolve,
    signal: over.signal,
  })
  await Promise.race([ready.promise, churned])
  const load = { stage, core: cores.others, port: proxy.port, seconds }
  const counted = await openLoad(CHURN_RATE, load).finally(() => over.abort())
  return { ...counted, ...(await churned) }
}
