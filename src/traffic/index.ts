/**
 * traffic: the seam to what splits requests between the versions of a workload.
 * Nouns: Split, TrafficRouter, Address. It never decides a weight: `rollout` does; asking is not
 * having, so what is judged is what `observe` reports. Adapters: edge/ (built in), which is also the
 * MetricSource (analysis) and the Balancer (platform) of the node; router.contract.ts is what each
 * router must pass. Read first: traffic.ts.
 */
export type { Address, Split, TrafficRouter } from './traffic.ts'
export { TrafficError, type TrafficErrorCode } from './traffic-error.ts'
