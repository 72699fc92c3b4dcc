/**
 * artifact: OCI images by digest: building, keeping, unpacking.
 * Decides which files of a service are its image, which bytes the image has (the same for the same
 * files, anywhere), and whether what is kept is still what was built. Nouns: Artifact, Builder
 * (layers/), ImageSink (where a builder writes), ArtifactStore (layout/). It never runs a build
 * command and never needs a daemon.
 * Read first: artifact.ts, then layers/layers-builder.ts and layout/layout-store.ts.
 */
export type {
  Artifact,
  ArtifactLabels,
  ArtifactStore,
  Builder,
  BuildRequest,
  UnpackedArtifact,
} from './artifact.ts'
export { ArtifactError, type ArtifactErrorCode } from './artifact-error.ts'
export type { BlobRef, ImageSink } from './image-sink.ts'
export { createLayersBuilder } from './layers/index.ts'
export { type LayoutStore, openLayoutStore } from './layout/index.ts'
export { tagsFor } from './tags.ts'
