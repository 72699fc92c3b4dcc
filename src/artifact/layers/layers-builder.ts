import { posix } from 'node:path'
import type { Artifact, Builder, BuildRequest } from '../artifact.ts'
import { configBytes, type Layer, manifestBytes } from '../image.ts'
import type { ImageSink } from '../image-sink.ts'
import { type DependencyTree, dependencyTree } from './dependency-tree.ts'
import { tarball } from './tarball.ts'
import { collectTree, type Entry, normalPath } from './tree.ts'

/** The dependency layer's time: it must not change when only the app does. */
const dependencyTime = 0

/**
 * The builder that packs what is already built. The same request and files give the same digest on
 * any machine with the same architecture.
 * @throws ArtifactError from `build`: `output-missing`, `output-outside`, `output-unsupported`,
 * `output-changed`, `link-outside`, `lockfile-invalid`, `disk-full`
 */
export function createLayersBuilder({ into }: { readonly into: ImageSink }): Builder {
  return {
    async build(request) {
      const dependencies = await dependencyTree(request)
      const app = await appTree(request)
      const layers: Layer[] = []
      if (dependencies.entries.length > 0) {
        layers.push(await writeLayer(into, request, { ...dependencies, mtime: dependencyTime }))
      }
      // Files of the app have the commit's time, so that a server which derives Last-Modified or an
      // ETag from it never takes two versions for one.
      const mtime = request.labels.committedAt
      layers.push(await writeLayer(into, request, { entries: app, title: 'app', mtime }))
      return addImage(into, request, layers)
    },
  }
}

/**
 * Git's and Slipway's own folders are no part of a service, and never the same twice. Dependencies
 * are in their layer already.
 */
async function appTree(request: BuildRequest): Promise<Entry[]> {
  const dependencies = new Set(request.dependencies.map(normalPath))
  return collectTree({
    service: request.service,
    root: request.root,
    paths: request.output,
    isLeftOut: (path) =>
      dependencies.has(path) || ['.git', '.slipway'].includes(posix.basename(path)),
  })
}

async function writeLayer(
  into: ImageSink,
  request: BuildRequest,
  { entries, title, mtime }: DependencyTree & { readonly mtime: number },
): Promise<Layer> {
  const blob = await into.writeBlob(tarball(entries, mtime), request.signal)
  return { ...blob, title }
}

async function addImage(
  into: ImageSink,
  request: BuildRequest,
  layers: readonly Layer[],
): Promise<Artifact> {
  const image = { ...request, layers }
  const config = await into.writeBlob(once(configBytes(image)), request.signal)
  request.signal?.throwIfAborted()
  return into.addImage(manifestBytes({ ...image, config }))
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
