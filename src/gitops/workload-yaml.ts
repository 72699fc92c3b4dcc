import { Document, isMap, isSeq, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { GitopsError } from './gitops-error.ts'
import { ownerOf } from './layout.ts'
import { WorkloadSchema } from './schema.ts'
import type { Workload } from './workload.ts'

/**
 * A workload as the text of its file: equal workloads give equal text.
 * @throws GitopsError `broken-workload` for a workload that could not be read back
 */
export function workloadYaml(workload: Workload): string {
  const checked = WorkloadSchema.safeParse(workload)
  if (!checked.success) throw unwritable(workload, checked.error.issues.map(say))
  const env = Object.entries(checked.data.env).sort(([a], [b]) => (a < b ? -1 : 1))
  // Quoted where YAML 1.1 would read something else (`on`, `1:30`), for the other tools that read it.
  const options = { compat: 'yaml-1.1' } as const
  const document = new Document({ ...checked.data, env: Object.fromEntries(env) }, options)
  document.commentBefore = ` What runs as ${workload.service} in ${workload.environment}.\n Slipway writes it when it promotes or rolls back; a commit by hand counts as much.`
  const steps = document.getIn(['strategy', 'steps'], true)
  for (const step of isSeq(steps) ? steps.items : []) if (isMap(step)) step.flow = true
  return document.toString({ lineWidth: 0 })
}

/**
 * The workload that a file of the environment repo describes.
 * @param file its path there, `ENVIRONMENT/SERVICE.yaml`, which the content must agree with
 * @throws GitopsError `broken-workload` with `file:line:column` and what is wrong, for each fault
 */
export function parseWorkload(text: string, file: string): Workload {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) {
    throw broken(faults.map(({ pos, message }) => `${at(pos[0])}: ${firstLine(message)}`))
  }
  const checked = WorkloadSchema.safeParse(resolved(document, at(0)))
  if (!checked.success) {
    throw broken(checked.error.issues.map((one) => `${at(offsetOf(document, one))}: ${say(one)}`))
  }
  const { environment, service } = checked.data
  const owner = ownerOf(file)
  if (owner?.environment !== environment || owner.service !== service) {
    throw broken([
      `${at(0)}: is about ${service} in ${environment}, whose file is ${environment}/${service}.yaml`,
    ])
  }
  return checked.data
}

/** Aliases are resolved only now: one to nothing, or a bomb of them, is a fault of the file. */
function resolved(document: Document.Parsed, place: string): unknown {
  try {
    return document.toJS()
  } catch (error) {
    if (error instanceof ReferenceError) throw broken([`${place}: ${firstLine(error.message)}`])
    throw error
  }
}

/** Where the deepest part of the issue's path that is in the file begins. */
function offsetOf(document: Document.Parsed, issue: z.core.$ZodIssue): number {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  for (let depth = issue.path.length; depth >= 0; depth -= 1) {
    const node = document.getIn(issue.path.slice(0, depth), true)
    if (!isNodeWithRange(node)) continue
    return keyOffset(node, unknown[0]) ?? node.range[0]
  }
  return 0
}

function keyOffset(node: unknown, key: string | undefined): number | null {
  if (key === undefined || !isMap(node)) return null
  const found = node.items.map((pair) => pair.key).find((candidate) => String(candidate) === key)
  return isNodeWithRange(found) ? found.range[0] : null
}

function isNodeWithRange(node: unknown): node is { readonly range: readonly number[] & [number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}

function say(issue: z.core.$ZodIssue): string {
  const message = issue.message.replace(/^Invalid input: .* received undefined$/, 'is missing')
  return `${issue.path.join('.') || 'the file'}: ${message}`
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message
}

function unwritable({ service, environment }: Workload, faults: readonly string[]): GitopsError {
  return new GitopsError({
    code: 'broken-workload',
    fault: 'input',
    message: `${service} in ${environment} cannot be written to the environment repo: ${faults.join('; ')}. Nothing was changed; mend slipway.yaml`,
  })
}

function broken(faults: readonly string[]): GitopsError {
  return new GitopsError({
    code: 'broken-workload',
    fault: 'input',
    message: `${faults.join('\n')}\nmend the file with a commit, or promote again; until then the environment keeps its last good state`,
  })
}
