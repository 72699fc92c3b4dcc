import { parseDocument } from 'yaml'
import { plainPath } from '../name.ts'
import { valueAt } from '../shape-problems.ts'
import {
  type Candidate,
  type Detected,
  type Facts,
  filesNamed,
  folderOf,
  inFolder,
  type Tree,
} from './candidate.ts'
import { commandLine, shellWord } from './docker.ts'

/** Services of compose files that are built from this repository, their ports and what they depend on. */
export function detectCompose(tree: Tree): Detected {
  const found = filesNamed(tree, /^(docker-)?compose\.ya?ml$/).map((file) => read(tree, file))
  return {
    candidates: found.flatMap(({ candidates }) => candidates),
    notes: found.flatMap(({ notes }) => notes),
  }
}

function read(tree: Tree, file: string): Detected {
  const document = parseDocument(tree.read(file) ?? '', { logLevel: 'error', merge: true })
  if (document.errors.length > 0)
    return { candidates: [], notes: [`${file}: is not YAML: left out`] }
  const services = valueAt(document.toJS(), ['services'])
  const folders = new Map(
    Object.entries(mapOf(services)).map(([name, service]) => [name, contextOf(service, file)]),
  )
  const candidates: Candidate[] = []
  const notes: string[] = []
  for (const [name, service] of Object.entries(mapOf(services))) {
    const path = folders.get(name)
    if (path === null || path === undefined) {
      const image = valueAt(service, ['image'])
      notes.push(
        `${file}: ${name}${typeof image === 'string' ? ` (${image})` : ''} is not built here: give its address to who needs it by env`,
      )
      continue
    }
    candidates.push({ path, facts: factsOf(name, service, file, folders) })
    const variables = variablesOf(valueAt(service, ['environment']))
    if (variables.length > 0)
      notes.push(
        `${file}: the environment of ${name} (${variables.join(', ')}) is not taken over: write what it needs under env`,
      )
  }
  return { candidates, notes }
}

function factsOf(
  name: string,
  service: unknown,
  file: string,
  folders: ReadonlyMap<string, string | null>,
): Facts {
  const needs = namesOf(valueAt(service, ['depends_on'])).flatMap((each) => folders.get(each) ?? [])
  const port = portOf(service)
  const command = valueAt(service, ['command'])
  const start =
    typeof command === 'string' ? commandLine(command) : textsOf(command).map(shellWord).join(' ')
  return {
    name: { value: name, from: file },
    ...(start === '' ? {} : { start: { value: start, from: `command in ${file}` } }),
    ...(port === null ? {} : { port: { value: port, from: `ports in ${file}` } }),
    ...(needs.length === 0 ? {} : { needs: { value: needs, from: `depends_on in ${file}` } }),
  }
}

/** The folder that it is built from; null: it is an image from elsewhere, or from outside the repository. */
function contextOf(service: unknown, file: string): string | null {
  const build = valueAt(service, ['build'])
  const context = typeof build === 'string' ? build : valueAt(build, ['context'])
  if (build === undefined || build === null) return null
  const path = plainPath(inFolder(folderOf(file), typeof context === 'string' ? context : '.'))
  return path.startsWith('..') || path.startsWith('/') || path.includes(':') ? null : path
}

/** `"127.0.0.1:8080:3000/tcp"` or `{ target: 3000 }` → 3000, the port inside. */
function portOf(service: unknown): number | null {
  const ports = valueAt(service, ['ports'])
  const exposed = valueAt(service, ['expose'])
  const [first] = [
    ...(Array.isArray(ports) ? ports : []),
    ...(Array.isArray(exposed) ? exposed : []),
  ]
  const target = valueAt(first, ['target']) ?? first
  const port = Number(String(target).split('/')[0]?.split(':').at(-1))
  return Number.isInteger(port) && port > 0 && port <= 65535 ? port : null
}

function variablesOf(environment: unknown): readonly string[] {
  return namesOf(environment).map((each) => each.split('=')[0] ?? each)
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? textsOf(value) : Object.keys(mapOf(value))
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}
}
