import type { Artifact, ArtifactStore, UnpackedArtifact } from '../artifact.ts'
import { keptError, onDisk } from '../artifact-error.ts'
import { artifactOf, isDigest, type Manifest, parseConfig, parseManifest } from '../image.ts'
import type { ImageSink } from '../image-sink.ts'
import { requireTag } from '../tags.ts'
import { type Blobs, corrupted, openBlobs } from './blobs.ts'
import { collectGarbage } from './collect-garbage.ts'
import { sweepTemporary } from './durable.ts'
import { type LayoutFolders, makeFolders } from './folders.ts'
import { findTag, type ImageIndex, readIndex, withImage, writeIndex } from './image-index.ts'
import { locked } from './lock.ts'
import { unpackLayers } from './unpack.ts'
import { findUnpacked, makeUnpacked } from './unpacked.ts'

export interface LayoutStore extends ArtifactStore, ImageSink {
  /**
   * Removes every artifact whose digest is not in `keep`.
   * @param options.graceMs age under which a blob stays in any case; default an hour
   * @returns bytes of blobs that were freed
   */
  gc(options: { readonly keep: Iterable<string>; readonly graceMs?: number }): Promise<number>
}

const hourMs = 3_600_000

/**
 * Opens an OCI layout, making it when it is not there, and removes what a killed process left half
 * done in it. Several processes may use one folder.
 * @param options.folder absolute
 * @throws ArtifactError `layout-invalid`, `disk-full`
 */
export async function openLayoutStore({
  folder,
}: {
  readonly folder: string
}): Promise<LayoutStore> {
  return onDisk(folder, async () => {
    const folders = makeFolders(folder)
    await sweepTemporary(folders.temporary)
    return layoutStore({ folders, blobs: openBlobs(folders), unpacking: new Map() })
  })
}

type Layout = {
  readonly folders: LayoutFolders
  readonly blobs: Blobs
  readonly unpacking: Map<string, Promise<UnpackedArtifact>>
}

function layoutStore(layout: Layout): LayoutStore {
  const { folders, blobs } = layout
  const writing = <T>(action: () => Promise<T>) => onDisk(folders.root, action)
  return {
    writeBlob: (bytes, signal) => writing(() => blobs.write(bytes, signal)),
    addImage: (manifest) => writing(() => addImage(layout, manifest)),
    inspect: (digest) => inspect(blobs, digest),
    tag: (digest, tags) => writing(() => tagImage(layout, digest, tags)),
    resolve: async (tag) => findTag(await readIndex(folders), tag),
    unpack: (digest) => writing(() => unpackOnce(layout, digest)),
    gc: ({ keep, graceMs = hourMs }) =>
      writing(() =>
        locked(folders.lock, () =>
          collectGarbage({ folders, blobs, keep: new Set(keep), graceMs }),
        ),
      ),
  }
}

async function addImage({ folders, blobs }: Layout, bytes: Uint8Array): Promise<Artifact> {
  const { digest, sizeBytes } = await blobs.write(
    (async function* () {
      yield bytes
    })(),
  )
  const artifact = await inspect(blobs, digest)
  if (artifact === null) throw corrupted(digest, 'it is not there')
  await changeIndex(folders, (index) => withImage(index, { digest, size: sizeBytes }, []))
  return artifact
}

async function tagImage(
  { folders, blobs }: Layout,
  digest: string,
  tags: readonly string[],
): Promise<void> {
  for (const tag of tags) requireTag(tag)
  const { bytes } = await requireImage(blobs, digest)
  await changeIndex(folders, (index) => withImage(index, { digest, size: bytes.length }, tags))
}

function changeIndex(
  folders: LayoutFolders,
  change: (index: ImageIndex) => ImageIndex,
): Promise<void> {
  return locked(folders.lock, async () => {
    const before = await readIndex(folders)
    const after = change(before)
    if (JSON.stringify(after) !== JSON.stringify(before)) await writeIndex(folders, after)
  })
}

async function inspect(blobs: Blobs, digest: string): Promise<Artifact | null> {
  const image = await readImage(blobs, digest)
  if (image === null) return null
  for (const layer of image.manifest.layers) await blobs.verify(layer)
  return artifactOf({ ...image, digest })
}

/** Calls for one digest share the work; so do processes, by the folder's name. */
async function unpackOnce(layout: Layout, digest: string): Promise<UnpackedArtifact> {
  const running = layout.unpacking.get(digest)
  if (running !== undefined) return running
  const unpacking = unpack(layout, digest).finally(() => layout.unpacking.delete(digest))
  layout.unpacking.set(digest, unpacking)
  return unpacking
}

async function unpack({ folders, blobs }: Layout, digest: string): Promise<UnpackedArtifact> {
  const found = isDigest(digest) ? await findUnpacked(folders, digest) : null
  if (found !== null) return found
  const { manifest, start, labels } = await requireImage(blobs, digest)
  const layers = manifest.layers.map((layer) => ({
    digest: layer.digest,
    file: blobs.path(layer.digest),
  }))
  return makeUnpacked(folders, { digest, start, labels }, (folder) => unpackLayers(folder, layers))
}

type Image = ReturnType<typeof parseConfig> & {
  readonly manifest: Manifest
  readonly bytes: Uint8Array
}

async function requireImage(blobs: Blobs, digest: string): Promise<Image> {
  const image = await readImage(blobs, digest)
  if (image !== null) return image
  throw keptError(
    'artifact-missing',
    `artifact ${digest} is not in this layout: build it again, or name the folder that holds it`,
  )
}

/** Manifest and config, verified; null: there is no such manifest. */
async function readImage(blobs: Blobs, digest: string): Promise<Image | null> {
  const bytes = isDigest(digest) ? await blobs.read(digest) : null
  if (bytes === null) return null
  const manifest = parseManifest(bytes, digest)
  const config = await blobs.read(manifest.config.digest)
  if (config === null) throw corrupted(manifest.config.digest, 'it is not there')
  return { ...parseConfig(config, manifest.config.digest), manifest, bytes }
}
