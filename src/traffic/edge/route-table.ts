import type { WorkloadRef } from '../../platform/index.ts'
import { TrafficError } from '../index.ts'
import { hostOf, previewHostOf, workloadKey } from './host.ts'
import type { Route } from './route.ts'

export type Found = { readonly route: Route; readonly isPreview: boolean }

/** Which workload a host name belongs to. */
export class RouteTable {
  readonly #byKey = new Map<string, Route>()
  readonly #byHost = new Map<string, Found>()
  /** Routes that were removed while requests were under way. */
  readonly #removed = new Set<Route>()
  readonly #create: (workload: WorkloadRef) => Route

  constructor(create: (workload: WorkloadRef) => Route) {
    this.#create = create
  }

  all(): Iterable<Route> {
    return this.#byKey.values()
  }

  /** Removed ones too, as long as they have requests under way. */
  *withRemoved(): Iterable<Route> {
    yield* this.#byKey.values()
    for (const route of this.#removed) {
      if (route.leaving.size === 0) this.#removed.delete(route)
      else yield route
    }
  }

  get(workload: WorkloadRef): Route | null {
    return this.#byKey.get(workloadKey(workload)) ?? null
  }

  /** @throws TrafficError `host-taken` when another workload's names read the same as a host name */
  ensure(workload: WorkloadRef): Route {
    const known = this.get(workload)
    if (known !== null) return known
    const hosts = [hostOf(workload), previewHostOf(workload)] as const
    for (const host of hosts) this.#refuseTaken(host, workload)
    const route = this.#create(workload)
    this.#byKey.set(workloadKey(workload), route)
    this.#byHost.set(hosts[0], { route, isPreview: false })
    this.#byHost.set(hosts[1], { route, isPreview: true })
    return route
  }

  find(host: string): Found | null {
    return this.#byHost.get(host) ?? null
  }

  remove(workload: WorkloadRef): void {
    const route = this.get(workload)
    if (route === null) return
    route.remove()
    this.#removed.add(route)
    this.#byKey.delete(workloadKey(workload))
    this.#byHost.delete(hostOf(workload))
    this.#byHost.delete(previewHostOf(workload))
  }

  /** What to tell somebody who came with a host that nothing is known of. */
  noRoute(host: string): string {
    const known = [...this.#byHost].filter(([, { isPreview }]) => !isPreview).map(([name]) => name)
    const hint =
      known.length === 0 ? 'Nothing is deployed here yet.' : `Known: ${known.join(', ')}.`
    return `No service has the address "${host}". ${hint}`
  }

  #refuseTaken(host: string, { service, environment }: WorkloadRef): void {
    const owner = this.#byHost.get(host)?.route.workload
    if (owner === undefined) return
    throw new TrafficError({
      code: 'host-taken',
      fault: 'input',
      message:
        `${service} in ${environment} cannot have the address ${host}: ${owner.service} in ` +
        `${owner.environment} has it; rename one of them`,
    })
  }
}
