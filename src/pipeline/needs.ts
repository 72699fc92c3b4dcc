import { PipelineError } from './pipeline-error.ts'
import type { Step } from './types.ts'

/** A step whose needs are still names as the user writes them. */
export type Draft = {
  /** What people call it: `build`, or the user's name without service and matrix. */
  readonly name: string
  readonly service: string | null
  readonly needs: readonly string[]
  readonly before: readonly string[]
  readonly step: Step
}

const WORDS = ['install', 'test', 'build', 'package']

/**
 * Replaces names by step ids. A step that runs in a service means that service's own `build`; one
 * that runs in root means every service's.
 * @param later names of steps that exist but run after the run
 * @throws PipelineError `missing-need`, `cycle`
 */
export function link(drafts: readonly Draft[], later: ReadonlySet<string>): readonly Step[] {
  const index = indexOf(drafts)
  const needs = new Map(drafts.map((draft) => [draft.step.id, new Set<string>()]))
  for (const draft of drafts) {
    for (const name of draft.needs) {
      for (const other of resolve(name, draft, { index, later, verb: 'needs' })) {
        needs.get(draft.step.id)!.add(other.step.id)
      }
    }
    for (const name of draft.before) {
      for (const other of resolve(name, draft, { index, later, verb: 'is before' })) {
        needs.get(other.step.id)!.add(draft.step.id)
      }
    }
  }
  refuseCycle(needs)
  return drafts.map(({ step }) => ({ ...step, needs: [...needs.get(step.id)!] }))
}

type Index = ReadonlyMap<string, readonly Draft[]>

/** By id, by `service:name` (all of a matrix) and by name. */
function indexOf(drafts: readonly Draft[]): Index {
  const index = new Map<string, Draft[]>()
  for (const draft of drafts) {
    const qualified = draft.service === null ? draft.name : `${draft.service}:${draft.name}`
    for (const name of new Set([draft.step.id, qualified, draft.name])) {
      index.set(name, [...(index.get(name) ?? []), draft])
    }
  }
  return index
}

type Known = { readonly index: Index; readonly later: ReadonlySet<string>; readonly verb: string }

function resolve(name: string, from: Draft, known: Known): readonly Draft[] {
  const found = known.index.get(name)
  if (found === undefined) {
    if (WORDS.includes(name)) return []
    throw missing(name, from, known)
  }
  if (from.service === null || name.includes(':')) return found
  const near = found.filter(({ service }) => service === null || service === from.service)
  return near.length > 0 || WORDS.includes(name) ? near : found
}

function missing(name: string, from: Draft, { index, later, verb }: Known): PipelineError {
  const why = later.has(name)
    ? 'which verifies an environment and runs after the run: remove it from `verify` or from here'
    : `which does not exist: known are ${[...index.keys()].sort().join(', ')}`
  return new PipelineError({
    code: 'missing-need',
    fault: 'input',
    message: `step ${from.step.id} ${verb} ${name}, ${why}`,
  })
}

function refuseCycle(needs: ReadonlyMap<string, ReadonlySet<string>>): void {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (id: string): void => {
    if (done.has(id)) return
    const at = path.indexOf(id)
    if (at >= 0) throw cycle([...path.slice(at), id])
    path.push(id)
    for (const need of needs.get(id)!) visit(need)
    path.pop()
    done.add(id)
  }
  for (const id of needs.keys()) visit(id)
}

function cycle(path: readonly string[]): PipelineError {
  return new PipelineError({
    code: 'cycle',
    fault: 'input',
    message: `steps wait for each other: ${path.join(' needs ')}; remove one of these needs`,
  })
}
