import type { WorkloadRef } from '../platform/index.ts'

/** How the requests of one workload are split. Revisions are named by id. */
export type Split = {
  /** Percent to 0.1, summing to 100. A revision without a ready instance gets nothing: its share goes to the others. */
  readonly weights: Readonly<Record<string, number>>
  /** Requests with this header go to that revision, whatever the weights. */
  readonly header: {
    readonly name: string
    readonly value: string
    readonly revision: string
  } | null
  /** A copy of so many percent of the requests goes there; its answer is thrown away. */
  readonly mirror: { readonly revision: string; readonly percent: number } | null
  /** Revision that the preview address reaches; null: there is none. */
  readonly preview: string | null
  /** A client keeps its revision by a cookie, as long as that revision has weight. */
  readonly sticky: boolean
}

export interface TrafficRouter {
  /** Asks for a split; `observe` tells when it holds. Repeating changes nothing. */
  setSplit(workload: WorkloadRef, split: Split): Promise<void>
  /** The split in force now; null: none was ever set. */
  observe(workload: WorkloadRef): Promise<Split | null>
  /** Forgets the workload's route. */
  remove(workload: WorkloadRef): Promise<void>
  /** The address under which people and other services reach it; null: no route yet. */
  address(workload: WorkloadRef): Promise<Address | null>
}

export type Address = {
  /** `http://orders.production.localhost:8080`: for people and browsers. */
  readonly host: string
  /** `http://127.0.0.1:41003`: the same route on a port of its own, for programs on a machine that does not resolve *.localhost. */
  readonly direct: string
  /** `http://preview--orders.production.localhost:8080`: the split's preview revision. */
  readonly preview: string
  /** The preview on a port of its own, for programs; null: the split names none. */
  readonly directPreview: string | null
}
