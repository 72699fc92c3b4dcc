import {
  type ArtifactStore,
  type Builder,
  createLayersBuilder,
  openLayoutStore,
  tagsFor,
} from '../artifact/index.ts'
import type { Home } from '../home/index.ts'

/** The embedded default: an OCI layout on disk, and the builder that writes into it. */
export async function openArtifacts(home: Home): Promise<{
  readonly artifacts: ArtifactStore
  readonly builder: Builder
  readonly tagsFor: typeof tagsFor
}> {
  const artifacts = await openLayoutStore({ folder: home.artifacts })
  return { artifacts, builder: createLayersBuilder({ into: artifacts }), tagsFor }
}
