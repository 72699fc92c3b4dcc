import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { isSystemError, keptError } from '../artifact-error.ts'
import { mediaTypes } from '../image.ts'
import { temporaryName, writeWhole } from './durable.ts'
import type { LayoutFolders } from './folders.ts'

const refName = 'org.opencontainers.image.ref.name'

const indexSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  manifests: z.array(
    z.looseObject({
      mediaType: z.string(),
      digest: z.string(),
      size: z.int().nonnegative(),
      annotations: z.record(z.string(), z.string()).optional(),
    }),
  ),
})

/** `index.json`: a descriptor for each tag, and one without for an image that has no tag. */
export type ImageIndex = z.infer<typeof indexSchema>

/** An empty one where there is no file yet. @throws ArtifactError `layout-invalid` */
export async function readIndex(folders: LayoutFolders): Promise<ImageIndex> {
  const text = await textOf(folders.index)
  if (text === null) return { ...emptyIndex, manifests: [] }
  try {
    return indexSchema.parse(JSON.parse(text))
  } catch (error) {
    throw keptError(
      'layout-invalid',
      `${folders.index} is no OCI index: move it away and build again; the blobs beside it are kept`,
      error,
    )
  }
}

const emptyIndex = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
} as const

export async function writeIndex(folders: LayoutFolders, index: ImageIndex): Promise<void> {
  const temporary = join(folders.temporary, temporaryName())
  await writeWhole(folders.index, temporary, (handle) => handle.writeFile(JSON.stringify(index)))
}

export function hasImage(index: ImageIndex, digest: string): boolean {
  return index.manifests.some((each) => each.digest === digest)
}

/** The digest that a tag names; null: no such tag. */
export function findTag(index: ImageIndex, tag: string): string | null {
  return index.manifests.find((each) => each.annotations?.[refName] === tag)?.digest ?? null
}

/** The index with the image in it, under these tags as well; a tag that named another image moves. */
export function withImage(
  index: ImageIndex,
  image: { readonly digest: string; readonly size: number },
  tags: readonly string[],
): ImageIndex {
  const descriptor = { mediaType: mediaTypes.manifest, digest: image.digest, size: image.size }
  const tagged = tags.map((tag) => ({ ...descriptor, annotations: { [refName]: tag } }))
  const manifests = index.manifests.flatMap((each) => {
    const tag = each.annotations?.[refName]
    if (tag === undefined || !tags.includes(tag)) return [each]
    const { annotations, ...untagged } = each
    return [untagged]
  })
  return { ...index, manifests: withoutSpare([...manifests, ...tagged, descriptor]) }
}

/** The index without every image that is not to be kept. */
export function onlyImages(index: ImageIndex, keep: ReadonlySet<string>): ImageIndex {
  return { ...index, manifests: index.manifests.filter(({ digest }) => keep.has(digest)) }
}

/** A descriptor without tag only where the image has no other. */
function withoutSpare(manifests: ImageIndex['manifests']): ImageIndex['manifests'] {
  const isTagged = (each: ImageIndex['manifests'][number]) =>
    each.annotations?.[refName] !== undefined
  const tagged = new Set(manifests.filter(isTagged).map(({ digest }) => digest))
  const bare = new Map(
    manifests.filter((each) => !isTagged(each)).map((each) => [each.digest, each]),
  )
  const lonely = [...bare.values()].filter(({ digest }) => !tagged.has(digest))
  return [...manifests.filter(isTagged), ...lonely]
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null
    throw error
  }
}
