import { openRepository } from '../git/index.ts'
import { type Home, makeHome } from '../home/index.ts'
import { Pipeline, processExecutor } from '../pipeline/index.ts'
import { buildOf } from './build.ts'
import { packagerOf } from './packager.ts'

export type PipelinePlace = {
  readonly home: Home
  /** Absolute folder of slipway.yaml. */
  readonly root: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The embedded pipeline: steps as processes of this machine, artifacts in the layout beside their cache. */
export function pipelineOf({ home, root, env }: PipelinePlace): Pipeline {
  const { cache, runs, checkouts } = home
  makeHome(home)
  return new Pipeline({
    repository: openRepository(root),
    executor: processExecutor(),
    packager: packagerOf(home),
    secrets: { env, folder: root },
    build: buildOf(),
    folders: { cache, runs, checkouts },
  })
}
