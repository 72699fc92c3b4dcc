import { resolve } from 'node:path'
import type { Finding, Path, Problem } from './problem.ts'
import { formatPath } from './problem.ts'
import type { Project } from './project.ts'
import { checkReferences } from './references.ts'
import { resolveProject } from './resolve.ts'
import { parseShape } from './shape-problems.ts'
import { Source } from './source.ts'

export type Parsed = { readonly project: Project } | { readonly problems: readonly Problem[] }

/**
 * What the text of a `slipway.yaml` means, or all that is wrong with it, in the order of its lines.
 * Reads nothing else and never throws on what a text says.
 * @param file its path, as problems shall name it; the Project's paths are made absolute from it
 */
export function parseProject(text: string, file: string): Parsed {
  const parsed = parseSource(text, file)
  return 'problems' in parsed ? parsed : { project: parsed.project }
}

/** The same with the source, which knows where each thing is written. */
export function parseSource(
  text: string,
  file: string,
):
  | { readonly project: Project; readonly source: Source }
  | { readonly problems: readonly Problem[] } {
  if (Buffer.byteLength(text) > MAX_BYTES)
    return { problems: [{ ...top(file), message: 'is larger than 1 MiB', hint: null }] }
  const read = Source.parse(text, file)
  if ('problems' in read) return read
  const { source } = read
  const data = source.data()
  if (data === null || data === undefined) {
    const hint = 'it names a project and its services; `slipway init` writes one'
    return { problems: [{ ...top(file), message: 'is empty', hint }] }
  }
  const shape = parseShape(data)
  const findings = [...('findings' in shape ? shape.findings : []), ...checkReferences(data)]
  if ('file' in shape && findings.length === 0)
    return { project: resolveProject(shape.file, resolve(file)), source }
  return { problems: problemsOf(findings, source) }
}

/** A file that people write is a thousandth of it. */
const MAX_BYTES = 1024 * 1024

/** A finding placed in the text. */
export function placeFinding(finding: Finding, source: Source): Problem {
  return source.problem(finding, formatPath(finding.path))
}

function problemsOf(findings: readonly Finding[], source: Source): readonly Problem[] {
  return findings
    .map((finding) => placeFinding(finding, source))
    .sort((a, b) => a.line - b.line || a.column - b.column)
}

function top(file: string): Omit<Problem, 'message' | 'hint'> {
  return { file, line: 1, column: 1, path: '' }
}

/** Keys and list places as a user writes a path: `services.orders.inputs[1]`, `services.*.ready`. */
export function parsePath(text: string): Path {
  return text
    .replaceAll(/\[(\d+|\*)\]/g, '.$1')
    .split('.')
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}
