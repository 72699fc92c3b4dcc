import type { PipelineStep, Project, Service } from '../config/index.ts'
import { installInputs } from './install.ts'
import { type Draft, link } from './needs.ts'
import { PipelineError } from './pipeline-error.ts'
import type { Graph, Step } from './types.ts'

/**
 * The steps that a commit goes through before it is a release: install, test, build and package of
 * each service and what the user added. Steps that some environment verifies with are left out.
 * @throws PipelineError `cycle`, `missing-need`, `verify-step-before`
 */
export function graphOf(project: Project): Graph {
  const later = verifyNames(project)
  const drafts = [
    ...Object.values(project.services).flatMap((service) => serviceSteps(project, service)),
    ...Object.values(project.pipeline)
      .filter((step) => !later.has(step.name))
      .flatMap((step) => userSteps(project, step)),
  ]
  return { steps: link(drafts, later), shared: project.shared }
}

/**
 * What is run against an environment once it is healthy: its `verify` steps and what they need.
 * The verify steps are never cached: the environment is not among their inputs.
 * @throws PipelineError `unknown-environment`, `cycle`, `missing-need`, `verify-step-before`
 */
export function verifySteps(project: Project, environment: string): Graph {
  const later = verifyNames(project)
  const known = project.environments[environment]
  if (known === undefined) throw unknownEnvironment(project, environment)
  const all = [
    ...Object.values(project.services).flatMap((service) => serviceSteps(project, service)),
    ...Object.values(project.pipeline).flatMap((step) =>
      userSteps(project, later.has(step.name) ? { ...step, cache: false } : step),
    ),
  ]
  const wanted = new Set(known.verify)
  const linked = link(all, new Set())
  const roots = all.filter((draft) => wanted.has(draft.name)).map((draft) => draft.step.id)
  return subgraph({ steps: linked, shared: project.shared }, roots)
}

/** The named steps and all that they need. */
export function subgraph(graph: Graph, ids: readonly string[]): Graph {
  const byId = new Map(graph.steps.map((step) => [step.id, step]))
  const kept = new Set<string>()
  const visit = (id: string): void => {
    if (kept.has(id)) return
    kept.add(id)
    for (const need of byId.get(id)?.needs ?? []) visit(need)
  }
  for (const id of ids) visit(id)
  return { ...graph, steps: graph.steps.filter((step) => kept.has(step.id)) }
}

/** The steps of some services and all that they need. @throws PipelineError `unknown-service` */
export function graphOfServices(
  graph: Graph,
  project: Project,
  services: readonly string[],
): Graph {
  for (const name of services) {
    if (project.services[name] === undefined) throw unknownService(project, name)
  }
  const ids = graph.steps.filter((step) => step.service && services.includes(step.service))
  return subgraph(
    graph,
    ids.map((step) => step.id),
  )
}

function verifyNames(project: Project): ReadonlySet<string> {
  const names = new Set(Object.values(project.environments).flatMap((e) => e.verify))
  for (const name of names) {
    const before = project.pipeline[name]?.before ?? []
    if (before.length > 0) throw verifyBefore(name, before)
  }
  return names
}

function serviceSteps(project: Project, service: Service): Draft[] {
  const { name, path, build, test, install } = service
  const steps: Draft[] = []
  const add = (word: string, needs: readonly string[], step: Partial<Step>): void => {
    const needed = needs.filter((id) => steps.some((draft) => draft.step.id === id))
    steps.push({
      name: word,
      service: name,
      needs: needed,
      before: [],
      step: { ...blank(`${name}:${word}`, name, serviceInputs(project, service)), ...step },
    })
  }
  const command = (run: string) => ({ action: { kind: 'command', run, folder: path } }) as const
  if (install !== null) {
    const inputs = [...installInputs(install).map((glob) => within(path, glob)), ...project.shared]
    const outputs = paths(path, [...build.dependencies, 'node_modules'])
    add('install', [], { ...command(install), inputs, outputs })
  }
  if (test !== null) {
    const { env, timeoutSeconds, retries, services: sidecars } = test
    add('test', [`${name}:install`], {
      ...command(test.run),
      env,
      sidecars,
      timeoutSeconds,
      retries,
    })
  }
  if (build.run !== null) {
    // Without an install step it is the build that fetches the dependencies.
    const made = install === null ? [...build.output, ...build.dependencies] : build.output
    const { env, timeoutSeconds } = build
    const outputs = paths(path, made)
    add('build', [`${name}:install`], { ...command(build.run), env, timeoutSeconds, outputs })
  }
  add('package', [`${name}:install`, `${name}:test`, `${name}:build`], {
    action: {
      kind: 'package',
      service: name,
      folder: path,
      start: service.start,
      output: build.output,
      dependencies: build.dependencies,
    },
  })
  return steps
}

/** Its own files, what it says it is made of, what all share, and the APIs that it was written against. */
function serviceInputs(project: Project, service: Service): readonly string[] {
  return [
    within(service.path, '**'),
    ...service.inputs,
    ...apiFiles(project, service),
    ...project.shared,
  ]
}

function apiFiles(project: Project, service: Service): readonly string[] {
  return Object.keys(service.needs).flatMap((name) => {
    const needed = project.services[name]
    return needed?.api ? [within(needed.path, needed.api)] : []
  })
}

function userSteps(project: Project, step: PipelineStep): Draft[] {
  const places = step.services.length === 0 ? [null] : step.services
  return places.flatMap((place) =>
    combinations(step.matrix).map((values): Draft => {
      const service = place === null ? null : (project.services[place] ?? null)
      if (place !== null && service === null) throw unknownService(project, place)
      const folder = service?.path ?? '.'
      const id = `${service ? `${service.name}:` : ''}${step.name}${label(values)}`
      return {
        name: step.name,
        service: service?.name ?? null,
        needs: step.needs,
        before: step.before,
        step: {
          ...blank(id, service?.name ?? null, userInputs(project, step, service)),
          action: { kind: 'command', run: step.run, folder },
          outputs: paths(folder, step.outputs),
          env: { ...step.env, ...values },
          sidecars: step.sidecars,
          timeoutSeconds: step.timeoutSeconds,
          retries: step.retries,
          cache: step.cache,
        },
      }
    }),
  )
}

function userInputs(project: Project, step: PipelineStep, service: Service | null) {
  const folder = service?.path ?? '.'
  const declared = step.inputs.map((glob) => within(folder, glob))
  if (service === null) return declared.length > 0 ? declared : ['**']
  return declared.length > 0 ? [...declared, ...project.shared] : serviceInputs(project, service)
}

/** Every combination of the matrix's values, the last variable changing fastest; one empty one without a matrix. */
function combinations(matrix: PipelineStep['matrix']): readonly Record<string, string>[] {
  return Object.entries(matrix).reduce<Record<string, string>[]>(
    (soFar, [name, values]) =>
      soFar.flatMap((partial) => values.map((value) => ({ ...partial, [name]: value }))),
    [{}],
  )
}

function label(values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(values).map(([name, value]) => `${name}=${value}`)
  return pairs.length === 0 ? '' : `[${pairs.join(',')}]`
}

function blank(id: string, service: string | null, inputs: readonly string[]): Step {
  return {
    id,
    service,
    action: { kind: 'command', run: '', folder: '.' },
    needs: [],
    inputs,
    outputs: [],
    env: {},
    sidecars: {},
    timeoutSeconds: 1800,
    retries: 0,
    cache: true,
  }
}

/** A glob relative to a folder as one relative to root; a leading `!` stays in front. */
function within(folder: string, glob: string): string {
  if (glob.startsWith('!')) return `!${within(folder, glob.slice(1))}`
  const plain = glob.replace(/^(\.\/)+/, '')
  return folder === '.' || folder === '' ? plain : `${folder}/${plain}`
}

/** Output paths relative to root; `dist/`, `dist/**` and `dist` mean the folder. */
function paths(folder: string, outputs: readonly string[]): readonly string[] {
  return [...new Set(outputs.map((path) => within(folder, path.replace(/(\/\*\*|\/)+$/, ''))))]
}

function unknownEnvironment(project: Project, name: string): PipelineError {
  return new PipelineError({
    code: 'unknown-environment',
    fault: 'input',
    message: `there is no environment ${name}: known are ${list(Object.keys(project.environments))}`,
  })
}

function unknownService(project: Project, name: string): PipelineError {
  return new PipelineError({
    code: 'unknown-service',
    fault: 'input',
    message: `there is no service ${name}: known are ${list(Object.keys(project.services))}`,
  })
}

function verifyBefore(name: string, before: readonly string[]): PipelineError {
  return new PipelineError({
    code: 'verify-step-before',
    fault: 'input',
    message: `step ${name} verifies an environment, after the run, so ${list(before)} cannot wait for it: remove \`before\`, or take it out of \`verify\``,
  })
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
