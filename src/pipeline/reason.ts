import type { Fingerprint } from './fingerprint.ts'
import type { StepHistory } from './history.ts'
import { Tree } from './tree.ts'
import type { Graph, Step } from './types.ts'

export type Question = {
  readonly step: Step
  readonly graph: Graph
  readonly fingerprint: Fingerprint
  /** Absent: it never ran. */
  readonly before: StepHistory | undefined
  /** Why it cannot be cached; null: it can. */
  readonly uncached: string | null
}

/** The files of this commit and of earlier ones, as far as they are known. */
type Trees = { readonly commit: string; readonly trees: ReadonlyMap<string, Tree> }

/** Why a step runs, in words: what is different from the last time, files first. */
export function whyItRuns(asked: Question, { commit, trees }: Trees): string {
  const { before, fingerprint: now, uncached } = asked
  if (uncached !== null) return uncached
  if (before === undefined) return 'never run before'
  const then = before.fingerprint
  return (
    (then.inputs === now.inputs
      ? null
      : changedFiles(asked, trees.get(before.commit), trees.get(commit))) ??
    (then.inputs === now.inputs ? null : 'its input files changed') ??
    (then.command === now.command ? null : 'its command or its outputs changed') ??
    changedNames('variable', then.env, now.env) ??
    changedTools(then.tools, now.tools) ??
    changedNames('what it gets from', then.upstream, now.upstream) ??
    (then.origin === now.origin ? null : 'the commit or version on its label changed') ??
    (before.passed ? 'its result is not in the cache' : 'it failed the last time')
  )
}

function changedFiles(
  { step, graph }: Question,
  then: Tree | undefined,
  now: Tree | undefined,
): string | null {
  if (then === undefined || now === undefined) return null
  const changed = difference(then.select(step.inputs), now.select(step.inputs))
  const first = changed[0]
  if (first === undefined) return null
  const isShared = new Tree([{ ...first, mode: '' }]).select(graph.shared).length > 0
  const more = changed.length > 1 ? ` and ${changed.length - 1} more` : ''
  return `${isShared ? 'shared path ' : ''}${first.path} ${first.what}${more}`
}

type Entries = ReturnType<Tree['select']>

function difference(then: Entries, now: Entries) {
  const old = new Map(then.map((entry) => [entry.path, `${entry.mode} ${entry.blob}`]))
  const different = now
    .filter(({ path, mode, blob }) => old.get(path) !== `${mode} ${blob}`)
    .map((entry) => ({ ...entry, what: old.has(entry.path) ? 'changed' : 'is new' }))
  const present = new Set(now.map(({ path }) => path))
  const gone = then.filter(({ path }) => !present.has(path))
  return [...different, ...gone.map((entry) => ({ ...entry, what: 'is gone' }))]
}

type Names = Readonly<Record<string, string>>

function changedNames(what: string, then: Names, now: Names): string | null {
  const names = [...Object.keys(now), ...Object.keys(then)]
  const name = names.find((each) => then[each] !== now[each])
  return name === undefined ? null : `${what} ${name} changed`
}

function changedTools(then: Names, now: Names): string | null {
  const tool = Object.keys(now).find((each) => then[each] !== now[each])
  if (tool === undefined) return null
  return `${tool} is ${now[tool]} now${then[tool] === undefined ? '' : `, was ${then[tool]}`}`
}
