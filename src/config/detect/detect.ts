import { nameLike } from '../name.ts'
import type { Facts, Tree } from './candidate.ts'
import { detectCompose } from './compose.ts'
import { detectDocker } from './docker.ts'
import { detectGo } from './go.ts'
import { detectNode } from './node.ts'
import { detectProcfile } from './procfile.ts'
import { detectPython } from './python.ts'
import { detectInSources } from './sources.ts'

export type FoundService = {
  readonly name: string
  readonly path: string
  readonly facts: Facts
  /** Names of the services that it calls. */
  readonly needs: readonly string[]
}

export type Found = {
  readonly services: readonly FoundService[]
  /** What was seen and not taken, and why. */
  readonly notes: readonly string[]
}

/** The surest first: what a person wrote to start it, then what its language says, then how it is packed. */
const ecosystems = [detectProcfile, detectNode, detectPython, detectGo, detectCompose, detectDocker]

/** The services of a repository, guessed from its files. A folder with something that starts is one. */
export function detectServices(tree: Tree): Found {
  const detected = ecosystems.map((detect) => detect(tree))
  const folders = new Map<string, Facts>()
  for (const { path, facts } of detected.flatMap(({ candidates }) => candidates))
    folders.set(path, { ...facts, ...folders.get(path) })
  const names = composeNames(detectCompose(tree).candidates)
  const started = [...folders].filter(([, facts]) => facts.start !== undefined)
  const paths = started.map(([path]) => path)
  const called = namesFor(started, names)
  const services = started.map(([path, facts]): FoundService => {
    const inside = paths.filter(
      (other) => other !== path && (path === '.' || other.startsWith(`${path}/`)),
    )
    const needs = (facts.needs?.value ?? []).flatMap((needed) => called.get(needed) ?? [])
    return {
      name: called.get(path) ?? path,
      path,
      facts: portable({ ...detectInSources(tree, path, inside), ...facts }),
      needs: [...new Set(needs)].filter((needed) => needed !== called.get(path)),
    }
  })
  return {
    services: withoutCircles(services).toSorted((a, b) => a.path.localeCompare(b.path)),
    notes: detected.flatMap(({ notes }) => notes),
  }
}

/** The names in a compose file are those that people use; they win over the packages' own. */
function composeNames(
  candidates: readonly { readonly path: string; readonly facts: Facts }[],
): ReadonlyMap<string, string> {
  return new Map(candidates.map(({ path, facts }) => [path, facts.name?.value ?? path]))
}

/** Folder → a name that no other has. */
function namesFor(
  folders: readonly (readonly [string, Facts])[],
  preferred: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const called = new Map<string, string>()
  for (const [path, facts] of folders) {
    const last = path.split('/').at(-1) ?? path
    const wishes = [
      preferred.get(path),
      path === '.' ? facts.name?.value : last,
      facts.name?.value,
      path,
    ]
    const names = wishes.flatMap((wish) => nameLike(wish ?? '') ?? [])
    const taken = new Set(called.values())
    const free = names.find((name) => !taken.has(name)) ?? `service-${called.size + 1}`
    called.set(path, free)
  }
  return called
}

/** Several instances share a machine: a port that is fixed in the command becomes the one they are given. */
function portable(facts: Facts): Facts {
  const { start } = facts
  if (start === undefined) return facts
  const fixed = /((?:--port|--bind|-p|-b)[ =](?:[\w.]+:)?|\b0\.0\.0\.0:|\b127\.0\.0\.1:)(\d{2,5})\b/
  const port = Number(fixed.exec(start.value)?.[2])
  if (!(port > 0 && port <= 65535)) return facts
  const value = start.value.replace(fixed, '$1$$PORT')
  return {
    port: { value: port, from: start.from },
    ...facts,
    start: { value, from: `${start.from}, its port ${port} replaced by $PORT` },
  }
}

/** What is only guessed must not make a file that is refused: the need that closes a circle is left out. */
function withoutCircles(services: readonly FoundService[]): readonly FoundService[] {
  const kept = new Map<string, readonly string[]>()
  for (const { name, needs } of services)
    kept.set(
      name,
      needs.filter((needed) => !reaches(needed, name, kept)),
    )
  return services.map((service) => ({ ...service, needs: kept.get(service.name) ?? [] }))
}

function reaches(from: string, to: string, needs: ReadonlyMap<string, readonly string[]>): boolean {
  return from === to || (needs.get(from) ?? []).some((next) => reaches(next, to, needs))
}
