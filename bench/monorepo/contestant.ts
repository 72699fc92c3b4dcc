import type { Ran } from '../program.ts'
import type { Size } from './repository.ts'

/** A tool in a repository of its own, with the same sources and the same step for each service. */
export type Contestant = {
  readonly name: string
  /** Writes the tool's own files into the repository, before it is committed. */
  readonly prepare: (folder: string, size: Size) => void
  /** Forgets all that earlier runs left. */
  readonly clean: (folder: string) => void
  /** The whole process, from before it is started until it has ended. */
  readonly run: (folder: string) => Ran
  /** Path, relative to the repository, where the step's result of the first service must be. */
  readonly result: string | null
}
