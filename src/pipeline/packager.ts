import type { Origin, Provenance } from './sources.ts'
import type { Packaged } from './types.ts'

export type PackageRequest = {
  readonly service: string
  /** Absolute folder of the service in the checkout, its outputs in place. */
  readonly root: string
  readonly start: string
  /** Paths relative to `root`. */
  readonly output: readonly string[]
  readonly dependencies: readonly string[]
  readonly origin: Origin
  readonly provenance: Provenance
  readonly onOutput: (text: string) => void
  readonly signal: AbortSignal
}

/** Makes artifacts for a run; the builders of `artifact` stand behind it. */
export interface Packager {
  package(request: PackageRequest): Promise<Packaged>
  /** Whether the artifact of an earlier run is still kept; if not the step runs again. */
  has(packaged: Packaged): Promise<boolean>
}
