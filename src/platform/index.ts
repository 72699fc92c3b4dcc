/**
 * platform: the seam to what runs instances.
 * Nouns: Revision (what to run), Instance (one that runs), Scale (how many are asked for).
 * It never decides how many: `rollout` does. Adapters: local/ (processes under `slipway node`).
 * Read first: platform.ts.
 */
export type {
  Balancer,
  Endpoint,
  Instance,
  InstanceEvent,
  InstanceState,
  Platform,
  PlatformObservation,
  Revision,
  Scale,
  WorkloadRef,
} from './platform.ts'
