/**
 * platform/local: instances as processes of this machine, under `slipway node`.
 * Decides when a process is started, ready, restarted, drained and ended; keeps what was asked and
 * what runs on disk, so that the next supervisor adopts what the last one left.
 * Nouns: Supervisor, instance (a place that outlives its processes), probe, backoff, scratch folder.
 * It never chooses how many instances there are, and never touches a request.
 * Read first: plan.ts (pure), then instance.ts, then supervisor.ts.
 */
export type { Backoff } from './backoff.ts'
export { type LogLimits, logFile, logFolder } from './log-file.ts'
export { PlatformError, type PlatformErrorCode } from './platform-error.ts'
export { eventSchema, scaleSchema, workloadSchema } from './schema.ts'
export { openSupervisor, type Supervisor, type SupervisorOptions } from './supervisor.ts'
