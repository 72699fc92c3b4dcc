import { z } from 'zod'
import type { Artifact, ArtifactLabels } from './artifact.ts'
import { keptError } from './artifact-error.ts'
import type { BlobRef } from './image-sink.ts'

/** The folder of an image in which an artifact's files are, and in which it is started. */
export const workingFolder = 'app'

export const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  /** Not compressed: see layers/index.ts. */
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const

const titleKey = 'slipway.layer.title'
const label = (name: string) => `org.opencontainers.image.${name}`

const digestPattern = /^sha256:[0-9a-f]{64}$/
const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(digestPattern),
  size: z.int().nonnegative(),
  annotations: z.record(z.string(), z.string()).optional(),
})
const manifestSchema = z.object({
  schemaVersion: z.literal(2),
  config: descriptor,
  layers: z.array(descriptor),
})
const configSchema = z.object({
  config: z.object({ Cmd: z.tuple([z.string()]), Labels: z.record(z.string(), z.string()) }),
})

export type Manifest = z.infer<typeof manifestSchema>
export type Descriptor = z.infer<typeof descriptor>
export type Layer = BlobRef & { readonly title: string }

export function isDigest(text: string): boolean {
  return digestPattern.test(text)
}

/**
 * The image config. Format: https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md
 * Architecture and system are those of the machine that built it, for its native modules.
 */
export function configBytes(image: {
  readonly service: string
  readonly start: string
  readonly labels: ArtifactLabels
  readonly layers: readonly Layer[]
}): Buffer {
  const created = createdAt(image.labels)
  return Buffer.from(
    JSON.stringify({
      created,
      architecture: architecture(),
      os: process.platform,
      config: {
        Entrypoint: ['/bin/sh', '-c'],
        Cmd: [image.start],
        WorkingDir: `/${workingFolder}`,
        Labels: labelsOf(image.service, image.labels),
      },
      // A layer that is not compressed is its own diff.
      rootfs: { type: 'layers', diff_ids: image.layers.map(({ digest }) => digest) },
      history: image.layers.map(({ title }) => ({
        created,
        created_by: 'slipway',
        comment: title,
      })),
    }),
  )
}

/** Format: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md */
export function manifestBytes(image: {
  readonly service: string
  readonly labels: ArtifactLabels
  readonly config: BlobRef
  readonly layers: readonly Layer[]
}): Buffer {
  const { config } = image
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { mediaType: mediaTypes.config, digest: config.digest, size: config.sizeBytes },
      layers: image.layers.map(({ digest, sizeBytes, title }) => ({
        mediaType: mediaTypes.layer,
        digest,
        size: sizeBytes,
        annotations: { [titleKey]: title },
      })),
      annotations: labelsOf(image.service, image.labels),
    }),
  )
}

/** @throws ArtifactError `artifact-invalid` for bytes that match their digest but are no such image */
export function parseManifest(bytes: Uint8Array, digest: string): Manifest {
  return parseAs(manifestSchema, bytes, digest)
}

/** @throws ArtifactError `artifact-invalid` */
export function parseConfig(
  bytes: Uint8Array,
  digest: string,
): { service: string; start: string; labels: ArtifactLabels } {
  const { Cmd, Labels } = parseAs(configSchema, bytes, digest).config
  const text = (name: string) => Labels[label(name)] ?? ''
  return {
    service: text('title'),
    start: Cmd[0],
    labels: {
      commit: text('revision'),
      source: text('source'),
      version: text('version'),
      committedAt: Math.floor(Date.parse(text('created')) / 1000),
    },
  }
}

export function artifactOf(image: {
  readonly digest: string
  readonly service: string
  readonly manifest: Manifest
}): Artifact {
  const layers = image.manifest.layers.map(({ digest, size, annotations }) => ({
    digest,
    sizeBytes: size,
    title: annotations?.[titleKey] ?? '',
  }))
  const { config } = image.manifest
  const sizeBytes = layers.reduce((sum, layer) => sum + layer.sizeBytes, config.size)
  const { service, digest } = image
  return { service, digest, sizeBytes, configDigest: config.digest, layers }
}

function labelsOf(service: string, labels: ArtifactLabels): Record<string, string> {
  return {
    [label('created')]: createdAt(labels),
    [label('revision')]: labels.commit,
    ...(labels.source === '' ? {} : { [label('source')]: labels.source }),
    [label('title')]: service,
    [label('version')]: labels.version,
  }
}

function createdAt({ committedAt }: ArtifactLabels): string {
  return new Date(committedAt * 1000).toISOString().replace('.000Z', 'Z')
}

/** OCI takes Go's names: https://go.dev/doc/install/source#environment */
function architecture(): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }
  return names[process.arch] ?? process.arch
}

function parseAs<T>(schema: z.ZodType<T>, bytes: Uint8Array, digest: string): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch (error) {
    throw keptError(
      'artifact-invalid',
      `blob ${digest} is not what Slipway's builders write: build the artifact again with this Slipway`,
      error,
    )
  }
}
