import type { Fingerprint } from './fingerprint.ts'
import { readJson, writeJson } from './json-file.ts'
import type { StepResult } from './types.ts'

/** What is remembered of a step's runs. Counts fade, so that an old habit does not outweigh a new one. */
export type StepHistory = {
  /** The last commit at which it ran. */
  readonly commit: string
  readonly fingerprint: Fingerprint
  readonly passed: boolean
  /** Faded number of runs and of failures among them. */
  readonly runs: number
  readonly failures: number
  readonly meanSeconds: number
}

/** Step id → what is remembered. */
export type History = Readonly<Record<string, StepHistory>>

/** What each further run leaves of the weight of those before: about the last ten count. */
const FADE = 0.9

/** The history after one more run of a step. */
export function remember(
  earlier: StepHistory | undefined,
  ran: { readonly commit: string; readonly fingerprint: Fingerprint; readonly result: StepResult },
): StepHistory {
  const passed = ran.result.status === 'passed'
  const runs = (earlier?.runs ?? 0) * FADE + 1
  const failures = (earlier?.failures ?? 0) * FADE + (passed ? 0 : 1)
  const before = earlier?.meanSeconds ?? ran.result.seconds
  const meanSeconds = before + (ran.result.seconds - before) / runs
  return { commit: ran.commit, fingerprint: ran.fingerprint, passed, runs, failures, meanSeconds }
}

/** Empty when nothing ran yet. */
export async function readHistory(file: string): Promise<History> {
  return (await readJson<History>(file)) ?? {}
}

/** Adds what ran to the file; of two runs that end together one may lose its counts, never the file. */
export async function addToHistory(file: string, ran: History): Promise<void> {
  if (Object.keys(ran).length === 0) return
  await writeJson(file, { ...(await readHistory(file)), ...ran })
}
