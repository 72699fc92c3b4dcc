import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ConfigError } from './config-error.ts'
import { parseSource, placeFinding } from './parse.ts'
import { type Finding, formatProblem, type Problem } from './problem.ts'
import type { Project, Service } from './project.ts'
import type { Source } from './source.ts'

export const PROJECT_FILE = 'slipway.yaml'

/**
 * Absolute path of the nearest `slipway.yaml`, in `folder` or above it.
 * @throws ConfigError `project-file-missing`
 */
export function findProjectFile(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const file = join(at, PROJECT_FILE)
    if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file
    if (at === dirname(at)) break
  }
  throw new ConfigError({
    code: 'project-file-missing',
    fault: 'input',
    message: `no ${PROJECT_FILE} in ${resolve(folder)} or above it: write one with \`slipway init\``,
  })
}

/**
 * The text of a project's file.
 * @throws ConfigError `project-file-missing`, `project-file-unreadable`
 */
export function readProjectFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError({
      code: isMissing ? 'project-file-missing' : 'project-file-unreadable',
      fault: 'input',
      message: isMissing
        ? `no file ${file}: write one with \`slipway init\``
        : `cannot read ${file}: ${why}`,
      cause,
    })
  }
}

/**
 * The Project of a file on disk.
 * @throws ConfigError `project-file-missing`, `project-file-unreadable`, and `project-file-wrong`
 *   with all `problems`, each a line of the message
 */
export function loadProject(file: string): Project {
  const parsed = parseSource(readProjectFile(file), file)
  if ('project' in parsed) return parsed.project
  const { problems } = parsed
  const message = [
    `${file} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
    ...problems.map(formatProblem),
  ].join('\n')
  throw new ConfigError({ code: 'project-file-wrong', fault: 'input', message }, problems)
}

/**
 * All that is wrong about a file on disk, that what it names is not there included.
 * @throws ConfigError `project-file-missing`, `project-file-unreadable`
 */
export function checkProject(
  file: string,
): { readonly project: Project } | { readonly problems: readonly Problem[] } {
  const parsed = parseSource(readProjectFile(file), file)
  if ('problems' in parsed) return parsed
  const problems = problemsOnDisk(parsed.project, parsed.source)
  return problems.length > 0 ? { problems } : { project: parsed.project }
}

function problemsOnDisk(project: Project, source: Source): readonly Problem[] {
  return Object.values(project.services)
    .flatMap((service) => missingOf(service, project.root))
    .map((finding) => placeFinding(finding, source))
}

function missingOf(service: Service, root: string): readonly Finding[] {
  const path = ['services', service.name]
  if (!statSync(join(root, service.path), { throwIfNoEntry: false })?.isDirectory()) {
    const message = `there is no folder ${service.path}`
    return [{ path: [...path, 'path'], at: 'value', message, hint: `below ${root}` }]
  }
  if (service.api === null) return []
  const api = join(service.path, service.api)
  if (statSync(join(root, api), { throwIfNoEntry: false })?.isFile()) return []
  const hint = 'the path is relative to the service'
  return [{ path: [...path, 'api'], at: 'value', message: `there is no file ${api}`, hint }]
}
