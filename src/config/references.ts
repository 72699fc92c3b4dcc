import { cycles } from './cycle.ts'
import { plainPath } from './name.ts'
import { nearest } from './nearest.ts'
import type { Finding, Path } from './problem.ts'
import { valueAt } from './shape-problems.ts'
import { builtInSteps } from './step.ts'

/** A name that stands somewhere in the file and means something elsewhere in it. */
type Mention = { readonly name: string; readonly path: Path; readonly at: 'key' | 'value' }

/**
 * What is wrong between the parts of a file: names that nobody defined, circles, two services in
 * one folder. Takes the raw data and skips what has not the right shape, so that both kinds of
 * mistakes are told at once.
 */
export function checkReferences(data: unknown): readonly Finding[] {
  return [
    ...checkServices(data),
    ...checkPipeline(data),
    ...checkEnvironments(data),
    ...checkOwnVariables(data),
    ...checkLimits(data),
  ]
}

/** Fixed limits must be set somewhere: without them every canary would pass. */
function checkLimits(data: unknown): readonly Finding[] {
  const unlimited = names(data, ['services']).filter(
    (service) =>
      !hasObjective(data, ['objectives']) &&
      !hasObjective(data, ['services', service, 'objectives']),
  )
  if (unlimited.length === 0) return []
  const environments = names(data, ['environments']).map((name) => ['environments', name])
  return [[], ...environments].flatMap((where): Finding[] => {
    const path = [...where, 'analysis', 'judge']
    if (valueAt(data, path) !== 'threshold') return []
    const message = `needs limits: ${unlimited.join(', ')} has no objectives; write objectives: { errors: 1% }`
    return [{ path, at: 'value', message, hint: null }]
  })
}

function hasObjective(data: unknown, path: Path): boolean {
  return ['errors', 'p95'].some((key) => valueAt(data, [...path, key]) !== undefined)
}

function checkServices(data: unknown): readonly Finding[] {
  const services = names(data, ['services'])
  const needs = byName(services, (service) => mentions(data, ['services', service, 'needs']))
  return [
    ...unknown(Object.values(needs).flat(), 'service', services),
    ...circles(needs, 'services need each other in a circle', 'remove one of these needs'),
    ...samePaths(data, services),
  ]
}

function samePaths(data: unknown, services: readonly string[]): readonly Finding[] {
  const owners = new Map<string, string>()
  return services.flatMap((service): Finding[] => {
    const path = ['services', service, 'path']
    const written = valueAt(data, path)
    if (typeof written !== 'string') return []
    const owner = owners.get(plainPath(written))
    if (owner === undefined) owners.set(plainPath(written), service)
    if (owner === undefined) return []
    const message = `is the path of ${owner} already: a folder is one service`
    return [{ path, at: 'value', message, hint: null }]
  })
}

function checkPipeline(data: unknown): readonly Finding[] {
  const steps = names(data, ['pipeline'])
  const services = names(data, ['services'])
  const known = [...builtInSteps, ...steps]
  const verifying = new Set(verifySteps(data).map((mention) => mention.name))
  const needs = byName(steps, (step) => mentions(data, ['pipeline', step, 'needs']))
  const before = byName(steps, (step) => mentions(data, ['pipeline', step, 'before']))
  const waits = [...Object.values(needs).flat(), ...Object.values(before).flat()]
  return [
    ...steps.filter((step) => known.indexOf(step) < builtInSteps.length).map(reserved),
    ...unknown(
      waits.filter(({ name }) => !isOfService(name, services, known)),
      'step',
      known,
    ),
    ...circles(
      orderOf(needs, before),
      'steps wait for each other in a circle',
      'remove one of these needs',
      (way) => areInOneService(data, way),
    ),
    ...waits.filter((mention) => verifying.has(mention.name)).map(notInPipeline),
    ...unknown(
      steps.flatMap((step) => mentions(data, ['pipeline', step, 'services'], 'list')),
      'service',
      services,
    ),
  ]
}

/** `orders:test` */
function isOfService(name: string, services: readonly string[], steps: readonly string[]): boolean {
  const [service = '', step = '', ...rest] = name.split(':')
  return rest.length === 0 && services.includes(service) && steps.includes(step)
}

/**
 * Whether steps can all mean the same service: one that runs in a service waits for that service's
 * own `build`, so a circle of names through two services need not be one of steps.
 */
function areInOneService(data: unknown, steps: readonly string[]): boolean {
  const lists = steps
    .map((step) => valueAt(data, ['pipeline', step, 'services']))
    .filter((list): list is readonly unknown[] => Array.isArray(list) && list.length > 0)
  const [first = [], ...others] = lists
  return lists.length === 0 || first.some((each) => others.every((list) => list.includes(each)))
}

function reserved(step: string): Finding {
  const message = 'is there by itself for every service: choose another name'
  return { path: ['pipeline', step], at: 'key', message, hint: null }
}

function notInPipeline({ name, path, at }: Mention): Finding {
  const message = `${name} verifies an environment and is not run in the commit's pipeline`
  return { path, at, message, hint: null }
}

/** Step → what it waits for, `before` turned round and the order of the built-in steps added. */
function orderOf(
  needs: Readonly<Record<string, readonly Mention[]>>,
  before: Readonly<Record<string, readonly Mention[]>>,
): Readonly<Record<string, readonly Mention[]>> {
  const install = { name: 'install', path: ['pipeline'], at: 'key' } as const
  const order: Record<string, Mention[]> = {
    install: [],
    build: [install],
    test: [install],
    package: ['install', 'test', 'build'].map((name) => ({ ...install, name })),
  }
  for (const [step, mentioned] of Object.entries(needs)) order[step] = [...mentioned]
  for (const [step, mentioned] of Object.entries(before))
    for (const { name, ...place } of mentioned) order[name]?.push({ name: step, ...place })
  return order
}

function checkEnvironments(data: unknown): readonly Finding[] {
  const environments = names(data, ['environments'])
  const from = byName(environments, (environment) => sourceOf(data, environment))
  const overrides = environments.flatMap((environment) =>
    names(data, ['environments', environment, 'services']).map(
      (name): Mention => ({
        name,
        path: ['environments', environment, 'services', name],
        at: 'key',
      }),
    ),
  )
  const approvals = environments.flatMap((environment) =>
    mentions(data, ['environments', environment, 'approve']),
  )
  return [
    ...circles(
      from,
      'environments come from each other in a circle',
      'if a branch of that name is meant: { branch: NAME }',
    ),
    ...unknown(explicitSources(data, environments), 'environment', environments),
    ...unknown(overrides, 'service', names(data, ['services'])),
    ...unknown(approvals, 'role', names(data, ['roles'])),
    ...unknown(verifySteps(data), 'step of pipeline', names(data, ['pipeline'])),
  ]
}

function sourceOf(data: unknown, environment: string): readonly Mention[] {
  const path = ['environments', environment, 'from']
  return [...mentions(data, path, 'text'), ...explicitSource(data, environment)]
}

function explicitSource(data: unknown, environment: string): readonly Mention[] {
  return mentions(data, ['environments', environment, 'from', 'environment'], 'text')
}

function explicitSources(data: unknown, environments: readonly string[]): readonly Mention[] {
  return environments.flatMap((environment) => explicitSource(data, environment))
}

function verifySteps(data: unknown): readonly Mention[] {
  return names(data, ['environments']).flatMap((environment) =>
    mentions(data, ['environments', environment, 'verify']),
  )
}

/** PORT is how Slipway tells an instance where to listen. */
function checkOwnVariables(data: unknown): readonly Finding[] {
  const places: Path[] = names(data, ['services']).map((service) => ['services', service])
  for (const environment of names(data, ['environments'])) {
    const path = ['environments', environment]
    const overrides = names(data, [...path, 'services'])
    places.push(path, ...overrides.map((service) => [...path, 'services', service]))
  }
  return places
    .map((place) => [...place, 'env', 'PORT'])
    .filter((path) => valueAt(data, path) !== undefined)
    .map((path) => ({
      path,
      at: 'key',
      message: 'is given to each instance by Slipway: remove it',
      hint: null,
    }))
}

function unknown(
  mentioned: readonly Mention[],
  kind: string,
  known: readonly string[],
): readonly Finding[] {
  return mentioned
    .filter((mention) => !known.includes(mention.name))
    .map(({ name, path, at }) => {
      const near = nearest(name, known)
      const list = known.length === 0 ? 'there is none' : `known: ${known.join(', ')}`
      const hint = near === null ? list : `did you mean "${near}"? (${list})`
      return { path, at, message: `unknown ${kind} "${name}"`, hint }
    })
}

function circles(
  edges: Readonly<Record<string, readonly Mention[]>>,
  message: string,
  hint: string,
  isReal: (way: readonly string[]) => boolean = () => true,
): readonly Finding[] {
  const plain = byName(Object.keys(edges), (name) => edges[name]?.map((to) => to.name) ?? [])
  return cycles(plain)
    .filter(isReal)
    .map((way) => {
      const closing = mentionsOn(way, edges).findLast(({ path }) => path.length > 1)
      return {
        path: closing?.path ?? [],
        at: closing?.at ?? 'value',
        message: `${message}: ${way.join(' → ')}`,
        hint,
      }
    })
}

/** What ties each name on the way to the next; the order of the built-in steps is nobody's mention. */
function mentionsOn(
  way: readonly string[],
  edges: Readonly<Record<string, readonly Mention[]>>,
): readonly Mention[] {
  return way
    .slice(1)
    .flatMap((to, at) => edges[way[at] ?? '']?.find((mention) => mention.name === to) ?? [])
}

function byName<Value>(
  list: readonly string[],
  value: (name: string) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(list.map((name) => [name, value(name)]))
}

function names(data: unknown, path: Path): readonly string[] {
  const map = valueAt(data, path)
  return typeof map === 'object' && map !== null && !Array.isArray(map) ? Object.keys(map) : []
}

/** The names at a path that holds a text, a list of texts or a map; of one form only if told so. */
function mentions(data: unknown, path: Path, only?: 'text' | 'list'): readonly Mention[] {
  const value = valueAt(data, path)
  if (typeof value === 'string' && only !== 'list') return [{ name: value, path, at: 'value' }]
  if (Array.isArray(value) && only !== 'text')
    return value.flatMap((name, at): Mention[] =>
      typeof name === 'string' ? [{ name, path: [...path, at], at: 'value' }] : [],
    )
  if (only !== undefined) return []
  return names(data, path).map((name) => ({ name, path: [...path, name], at: 'key' }))
}
