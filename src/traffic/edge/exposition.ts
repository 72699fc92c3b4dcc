import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Route } from './route.ts'
import { BUCKETS, bucketUpperMs, CLIENT_LEFT, NO_ANSWER, Tally } from './tally.ts'

const WORKLOAD = ['environment', 'service'] as const
const REVISION = [...WORKLOAD, 'revision'] as const
const INSTANCE = [...REVISION, 'instance'] as const
const BOUNDS = Array.from({ length: BUCKETS - 1 }, (_, bucket) => bucketUpperMs(bucket) / 1000)

/** What the exposition reads; nothing is counted twice for it. */
export type Counted = {
  readonly routes: () => Iterable<Route>
  readonly unrouted: () => number
}

/** The edge's counters as Prometheus metrics, read when somebody asks. Seconds, as Prometheus wants. */
export function createExposition({ routes, unrouted }: Counted): Registry {
  const registry = new Registry()
  const registers = [registry]
  new Counter({
    name: 'slipway_edge_requests_total',
    help: 'Requests as clients saw them end, retries and copies aside.',
    labelNames: [...WORKLOAD, 'outcome'],
    registers,
    collect() {
      this.reset()
      for (const route of routes()) countOutcomes(this, route.workload, route.answers)
    },
  })
  new Counter({
    name: 'slipway_edge_attempts_total',
    help: 'Requests as instances answered them: every attempt counts, copies too.',
    labelNames: [...REVISION, 'outcome'],
    registers,
    collect() {
      this.reset()
      for (const { labels, tally } of revisions(routes())) countOutcomes(this, labels, tally)
    },
  })
  new Counter({
    name: 'slipway_edge_instance_attempts_total',
    help: 'The same by instance, for as long as it is there.',
    labelNames: [...INSTANCE, 'outcome'],
    registers,
    collect() {
      this.reset()
      for (const { labels, tally } of instances(routes())) countOutcomes(this, labels, tally)
    },
  })
  new Counter({
    name: 'slipway_edge_attempt_errors_total',
    help: 'Attempts that count against a revision: status 500 and up, or no whole answer.',
    labelNames: REVISION,
    registers,
    collect() {
      this.reset()
      for (const { labels, tally } of revisions(routes())) this.inc(labels, tally.errors)
    },
  })
  new Gauge({
    name: 'slipway_edge_in_flight',
    help: 'Requests and upgraded connections under way, by instance.',
    labelNames: INSTANCE,
    registers,
    collect() {
      this.reset()
      for (const { labels, inFlight } of instances(routes())) this.set(labels, inFlight)
    },
  })
  new Gauge({
    name: 'slipway_edge_weight_percent',
    help: 'Share of the requests that a revision is to get.',
    labelNames: REVISION,
    registers,
    collect() {
      this.reset()
      for (const { labels, weight } of revisions(routes())) this.set(labels, weight)
    },
  })
  new Counter({
    name: 'slipway_edge_unrouted_total',
    help: 'Requests for an address that nothing has.',
    registers,
    collect() {
      this.reset()
      this.inc(unrouted())
    },
  })
  registry.registerMetric(new AttemptSeconds(routes))
  return registry
}

const DURATION = {
  name: 'slipway_edge_attempt_duration_seconds',
  help: 'From sending a request to the head of the answer, by revision.',
}

/** A histogram that is read from the tallies instead of observing by itself. */
class AttemptSeconds extends Histogram {
  readonly #routes: () => Iterable<Route>
  readonly #empty = new Histogram({ ...DURATION, registers: [] })

  constructor(routes: () => Iterable<Route>) {
    super({ ...DURATION, registers: [] })
    this.#routes = routes
  }

  /** What the registry asks a histogram for; `get` goes by it too. */
  async getForPromString(): ReturnType<Histogram['get']> {
    const empty = await this.#empty.get()
    const values = []
    for (const { labels, tally } of revisions(this.#routes())) {
      let count = 0
      for (let bucket = 0; bucket < BUCKETS - 1; bucket++) {
        count += tally.latency[bucket]!
        values.push(value('_bucket', { ...labels, le: BOUNDS[bucket]! }, count))
      }
      count += tally.latency[BUCKETS - 1]!
      values.push(value('_bucket', { ...labels, le: '+Inf' }, count))
      values.push(value('_sum', labels, tally.sumMs / 1000))
      values.push(value('_count', labels, count))
    }
    return { ...empty, values }
  }
}

function value(suffix: string, labels: Readonly<Record<string, string | number>>, count: number) {
  const metricName = `${DURATION.name}${suffix}`
  return { metricName, exemplar: null, labels, value: count }
}

function* revisions(routes: Iterable<Route>) {
  for (const route of routes) {
    for (const { revision, total, weight } of route.groups.values()) {
      const tally = new Tally()
      tally.add(total)
      for (const endpoint of [...route.listed.values(), ...route.leaving]) {
        if (endpoint.revision === revision) tally.add(endpoint.current)
      }
      yield { labels: { ...route.workload, revision }, tally, weight }
    }
  }
}

function* instances(routes: Iterable<Route>) {
  for (const { workload, listed } of routes) {
    for (const { instance, revision, total, current, inFlight } of listed.values()) {
      const tally = new Tally()
      tally.add(total)
      tally.add(current)
      yield { labels: { ...workload, revision, instance }, tally, inFlight }
    }
  }
}

function countOutcomes(
  counter: Counter,
  labels: Readonly<Record<string, string>>,
  { outcomes }: Tally,
): void {
  outcomes.forEach((count, outcome) => {
    if (count > 0) counter.inc({ ...labels, outcome: outcomeName(outcome) }, count)
  })
}

function outcomeName(outcome: number): string {
  if (outcome === NO_ANSWER) return 'no-answer'
  return outcome === CLIENT_LEFT ? 'client-left' : `${outcome}xx`
}
