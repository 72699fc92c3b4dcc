/**
 * cli: the command line: one file a verb.
 * Prints for people, or one JSON document with --json; decides the exit code, and nothing else.
 * Nouns: Verb, Context, ExitCode. Verbs of a running control plane only talk to its API.
 * Read first: verb.ts, verbs.ts (the list), then any verb.
 */
export { runCommandLine } from './command-line.ts'
export type { JudgeParts } from './judge.ts'
export type { InstanceLog, LogsParts, Workload } from './logs.ts'
export type { NodeVerbParts } from './node.ts'
export { type ProgramParts, programOf, type VerbEntry } from './program.ts'
export type { PipelineVerbParts } from './project-pipeline.ts'
export type { ServeOptions, ServeParts } from './serve.ts'
export type { Context, ExitCode, Verb } from './verb.ts'
export { type VerbParts, verbs } from './verbs.ts'
