/** A built service: an OCI image named by the digest of its manifest. */
export type Artifact = {
  readonly service: string
  /** `sha256:…` */
  readonly digest: string
  readonly sizeBytes: number
  readonly configDigest: string
  readonly layers: readonly {
    readonly digest: string
    readonly sizeBytes: number
    readonly title: string
  }[]
}

export type BuildRequest = {
  readonly service: string
  /** Absolute folder that the paths below are relative to. */
  readonly root: string
  /** Files and folders of the app layer. */
  readonly output: readonly string[]
  /** Files and folders of the dependency layer; `node_modules` is reduced to what is not for development. */
  readonly dependencies: readonly string[]
  /** The command line that starts it, run by `/bin/sh -c` in the artifact's folder. */
  readonly start: string
  readonly labels: ArtifactLabels
  readonly signal?: AbortSignal
}

export type ArtifactLabels = {
  /** Full SHA of the last commit that changed what the artifact is made of. */
  readonly commit: string
  /** Where the sources are, as `git remote get-url origin` says, without credentials; empty: unknown. */
  readonly source: string
  /** A `v*` tag on the commit without its `v`, else the commit's first twelve digits. */
  readonly version: string
  /** Seconds since 1970 of that commit: the image's creation time, so that the same inputs give the same bytes. */
  readonly committedAt: number
}

/** Makes an artifact. Same request, same files: same digest, on any machine and day. */
export interface Builder {
  build(request: BuildRequest): Promise<Artifact>
}

export type UnpackedArtifact = {
  /** Absolute folder with the artifact's files: read-only, shared by instances of the digest. */
  readonly folder: string
  readonly start: string
  readonly labels: ArtifactLabels
}

/** Where artifacts are kept. Embedded: an OCI layout on disk. */
export interface ArtifactStore {
  /** Null: not there. Throws `artifact-corrupted` when a blob does not match its digest. */
  inspect(digest: string): Promise<Artifact | null>
  /** Names a digest for people and tools; refuses `latest`. A tag may move, a digest never does. */
  tag(digest: string, tags: readonly string[]): Promise<void>
  resolve(tag: string): Promise<string | null>
  /** Verifies each layer by digest while unpacking; a second call finds the folder already there. */
  unpack(digest: string): Promise<UnpackedArtifact>
}
