import type { Artifact } from './artifact.ts'

/** A blob that is kept, by digest (`sha256:` and 64 hex digits). */
export type BlobRef = { readonly digest: string; readonly sizeBytes: number }

/** Where a builder puts an image, piece by piece; nothing of it is visible before `addImage`. */
export interface ImageSink {
  /** Keeps the bytes under their digest; a blob that is already there whole is not written again. */
  writeBlob(bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<BlobRef>
  /** Keeps the manifest, whose blobs are there, and makes the image known. */
  addImage(manifest: Uint8Array): Promise<Artifact>
}
