/**
 * server: the control plane's HTTP API.
 * One file a resource. Nouns: Status, RolloutView. It decides nothing and keeps nothing: it reads
 * the ledger and hands what people ask to the Operator. Served on a Unix socket that only its owner
 * can open. Read first: server.ts, status.ts.
 */
export { apiOf, type ErrorBody, type ServerErrorCode, serveApi } from './server.ts'
export type { ServerParts } from './server-parts.ts'
export type { EnvironmentStatus, RolloutView, Status, WorkloadStatus } from './status.ts'
