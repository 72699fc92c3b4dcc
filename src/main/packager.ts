import { join } from 'node:path'
import { KeptArtifacts } from '../artifact/kept/index.ts'
import type { Home } from '../home/index.ts'
import type { Packager } from '../pipeline/index.ts'
import type { openArtifacts } from './artifacts.ts'

/** The builders of `artifact` behind a pipeline's package steps; they are loaded when the first step asks. */
export function packagerOf(home: Home): Packager {
  let opened: ReturnType<typeof openArtifacts> | null = null
  const open = () => {
    opened ??= import('./artifacts.ts').then((artifacts) => artifacts.openArtifacts(home))
    return opened
  }
  const kept = new KeptArtifacts({
    layout: home.artifacts,
    memory: join(home.cache, 'artifacts'),
    inspect: async (digest) => (await open()).artifacts.inspect(digest),
  })
  return {
    async package({ service, root, output, dependencies, start, origin, provenance, signal }) {
      const { artifacts, builder, tagsFor } = await open()
      const { commit, version, committedAt } = origin
      const labels = { commit, source: provenance.source, version, committedAt }
      const request = { service, root, output, dependencies, start, labels, signal }
      const { digest } = await builder.build(request)
      const versionTag = version === commit.slice(0, 12) ? null : `v${version}`
      const { branch } = provenance
      await artifacts.tag(digest, tagsFor({ service, commit, branch, versionTag }))
      return { service, digest, version, commit }
    },
    has: ({ digest }) => kept.has(digest),
  }
}
