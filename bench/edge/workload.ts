import type { WorkloadRef } from '../../src/platform/index.ts'

export const WORKLOAD: WorkloadRef = { environment: 'production', service: 'orders' }

/** Name under which requests ask for it. */
export const HOST = 'orders.production.localhost'

/** Instances of the version that leaves, then those of the one that comes. */
export const SLOTS = ['a', 'a', 'b', 'b'] as const
