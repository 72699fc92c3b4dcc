/**
 * pipeline/process: runs a step's command as processes of this machine.
 * Nouns: ProcessTree (a command and all that came of it), Sidecar. It never decides what to run,
 * never caches and never retries. Read first: executor.ts.
 */
export { searchPath } from './environment.ts'
export { type ProcessOptions, processExecutor } from './executor.ts'
