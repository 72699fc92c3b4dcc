/**
 * artifact: OCI images by digest: building, keeping, unpacking.
 * Nouns: Artifact, Builder (layers/), ArtifactStore (layout/). It never runs a build command and
 * never needs a daemon. Read first: artifact.ts.
 */
export type {
  Artifact,
  ArtifactLabels,
  ArtifactStore,
  Builder,
  BuildRequest,
  UnpackedArtifact,
} from './artifact.ts'
