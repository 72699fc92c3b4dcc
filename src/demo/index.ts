/**
 * demo: the main job: the shop goes through four commits under load, a bad one among them.
 * Nouns: Job, Shop, ControlPlane (the API, asked until something is so), Load, Summary. It uses what a
 * user has: git, the programs `slipway node` and `slipway serve`, HTTP. Read first: job.ts.
 */
export type { Api } from './control-plane.ts'
export { type Finished, type JobOptions, runJob } from './job.ts'
export { summaryText } from './report.ts'
export type { Summary } from './summary.ts'
export { TerminalView } from './terminal-view.ts'
