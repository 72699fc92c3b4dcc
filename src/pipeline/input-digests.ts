import { readSealed, writeSealed } from './json-file.ts'
import type { Sources } from './sources.ts'
import { Tree } from './tree.ts'

/** Tells a hash of the paths, modes and contents that globs mean. */
export type Digests = Pick<Tree, 'digest'>

export type InputDigestsParts = {
  readonly sources: Sources
  /** The questions that will be asked. */
  readonly globs: readonly (readonly string[])[]
  /** File in which the answers for the last tree are remembered. */
  readonly memory: string
  /** Which build of Slipway this is; null: unknown, and nothing is remembered. */
  readonly build: string | null
}

type Remembered = { readonly of: string; readonly digests: Readonly<Record<string, string>> }

/**
 * The digests of some inputs. Git names a whole tree by its content, so for a tree that was looked
 * at before the answers are known without listing its files and matching them with every glob.
 */
export async function inputDigests(parts: InputDigestsParts): Promise<Digests> {
  const { sources, globs, memory, build } = parts
  if (sources.root === null || build === null) return new Tree(await sources.tree())
  const of = `${build} ${sources.root}`
  const kept = await readSealed<Remembered>(memory)
  const known = new Map(kept?.of === of ? Object.entries(kept.digests) : [])
  const names = new Map(globs.map((each) => [nameOf(each), each]))
  if ([...names.keys()].every((name) => known.has(name))) {
    return { digest: (asked) => known.get(nameOf(asked))! }
  }
  const tree = new Tree(await sources.tree())
  for (const [name, each] of names) known.set(name, tree.digest(each))
  await writeSealed<Remembered>(memory, { of, digests: Object.fromEntries(known) })
  return tree
}

function nameOf(globs: readonly string[]): string {
  return globs.join('\n')
}
