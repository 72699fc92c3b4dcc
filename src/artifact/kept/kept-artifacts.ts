import { lstatSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact } from '../artifact.ts'
import { ArtifactError, isSystemError } from '../artifact-error.ts'

export type KeptArtifactsParts = {
  /** Absolute folder of the OCI layout. */
  readonly layout: string
  /** Absolute folder for what is remembered, a small file for each artifact. */
  readonly memory: string
  /** As `ArtifactStore.inspect`: reads every byte. */
  readonly inspect: (digest: string) => Promise<Artifact | null>
}

type Seen = { readonly digests: readonly string[]; readonly look: string }

/**
 * Which artifacts are still kept whole. One is read through once; after that what `stat` says of its
 * blobs is enough, so that a run in which nothing changed does not read all that was ever built.
 */
export class KeptArtifacts {
  readonly #parts: KeptArtifactsParts

  constructor(parts: KeptArtifactsParts) {
    this.#parts = parts
  }

  /** False: it is gone, or its bytes are not what its digest says, so that it must be built again. */
  async has(digest: string): Promise<boolean> {
    const seen = await this.#recall(digest)
    if (seen?.digests[0] === digest && seen.look === this.#look(seen.digests)) return true
    const artifact = await this.#inspect(digest)
    if (artifact === null) {
      await rm(this.#file(digest), { force: true })
      return false
    }
    const digests = [digest, artifact.configDigest, ...artifact.layers.map((layer) => layer.digest)]
    const look = this.#look(digests)
    if (look !== null) await this.#remember(digest, { digests, look })
    return true
  }

  async #inspect(digest: string): Promise<Artifact | null> {
    try {
      return await this.#parts.inspect(digest)
    } catch (error) {
      // Building it again writes the damaged blob anew.
      if (error instanceof ArtifactError && error.code === 'artifact-corrupted') return null
      throw error
    }
  }

  /** What changes with any write to one of the blobs; null: one is not there. */
  #look(digests: readonly string[]): string | null {
    const looks = digests.map((digest) => {
      const file = join(this.#parts.layout, 'blobs', digest.replace(':', '/'))
      const found = lstatSync(file, { bigint: true, throwIfNoEntry: false })
      return found && `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`
    })
    return looks.includes(undefined) ? null : looks.join(', ')
  }

  async #recall(digest: string): Promise<Seen | null> {
    try {
      const [first = '', look = ''] = (await readFile(this.#file(digest), 'utf8')).split('\n')
      return { digests: first.split(' '), look }
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return null
      throw error
    }
  }

  async #remember(digest: string, { digests, look }: Seen): Promise<void> {
    await mkdir(this.#parts.memory, { recursive: true })
    const aside = `${this.#file(digest)}.${process.pid}`
    await writeFile(aside, `${digests.join(' ')}\n${look}`)
    await rename(aside, this.#file(digest))
  }

  #file(digest: string): string {
    return join(this.#parts.memory, digest.replace(':', '-'))
  }
}
