import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readJson, writeJson } from './json-file.ts'
import { logPath } from './step-log.ts'

/** What is kept of a run beside its logs. */
export type KeptRun = {
  readonly id: string
  readonly commit: string
  /** In the order of the plan. */
  readonly steps: readonly string[]
  /** Null: it is under way, or was killed. */
  readonly ok: boolean | null
}

export type KeptLog = { readonly step: string; readonly file: string }

/** @param folder of the runs, absolute */
export async function keepRun(folder: string, run: KeptRun): Promise<void> {
  await writeJson(fileOf(folder, run.id), run)
}

/** Null: there is no run of that id. */
export async function keptRun(folder: string, id: string): Promise<KeptRun | null> {
  return readJson<KeptRun>(fileOf(folder, id))
}

/** Ids of the runs that are kept, those that were begun or ended last first. */
export async function keptRunIds(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return []
  const ids = (await readdir(folder)).filter((id) => existsSync(fileOf(folder, id)))
  const dated = await Promise.all(
    ids.map(async (id) => ({ id, at: (await stat(fileOf(folder, id))).mtimeMs })),
  )
  return dated.sort((a, b) => b.at - a.at).map(({ id }) => id)
}

/** Logs of the steps that have one by now: those that were skipped have none. */
export function keptLogs(folder: string, { id, steps }: KeptRun): readonly KeptLog[] {
  return steps
    .map((step) => ({ step, file: logPath(join(folder, id), step) }))
    .filter(({ file }) => existsSync(file))
}

/** No step's log has this name: theirs end with `.log`. */
function fileOf(folder: string, id: string): string {
  return join(folder, id, 'run.json')
}
