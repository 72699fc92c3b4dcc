import { type ArtifactStore, type Builder, tagsFor } from '../artifact/index.ts'
import { openRepository, type Repository } from '../git/index.ts'
import type { Home } from '../home/index.ts'
import { type Packager, Pipeline, processExecutor } from '../pipeline/index.ts'
import { openArtifacts } from './artifacts.ts'

export type PipelinePlace = {
  readonly home: Home
  /** Absolute folder of slipway.yaml. */
  readonly root: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The embedded pipeline: steps as processes of this machine, artifacts in the layout beside their cache. */
export function pipelineOf({ home, root, env }: PipelinePlace): Pipeline {
  const repository = openRepository(root)
  const { cache, runs, checkouts } = home
  return new Pipeline({
    repository,
    executor: processExecutor(),
    packager: packagerOf(repository, home),
    secrets: { env, folder: root },
    folders: { cache, runs, checkouts },
  })
}

/** The builders of `artifact` behind a pipeline's package steps; the layout is opened when the first step asks. */
function packagerOf(repository: Repository, home: Home): Packager {
  let opened: Promise<{ artifacts: ArtifactStore; builder: Builder }> | null = null
  const open = () => {
    opened ??= openArtifacts(home)
    return opened
  }
  return {
    async package({ service, root, start, output, dependencies, origin, signal }) {
      const { artifacts, builder } = await open()
      const { commit, version, committedAt } = origin
      const source = (await repository.originUrl()) ?? ''
      const labels = { commit, source, version, committedAt }
      const request = { service, root, output, dependencies, start, labels, signal }
      const { digest } = await builder.build(request)
      const versionTag =
        (await repository.tagsAt(commit)).find((tag) => tag.startsWith('v')) ?? null
      const branch = await repository.headBranch()
      await artifacts.tag(digest, tagsFor({ service, commit, branch, versionTag }))
      return { service, digest, version, commit }
    },
    has: async ({ digest }) => (await (await open()).artifacts.inspect(digest)) !== null,
  }
}
