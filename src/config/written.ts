import { stringify } from 'yaml'
import type { z } from 'zod'
import { formatDuration } from './duration.ts'
import type {
  CanaryStep,
  Environment,
  PipelineStep,
  Probe,
  Project,
  Service,
  Sidecar,
  Strategy,
} from './project.ts'
import type { ProjectFile } from './schema.ts'
import { formatPercent } from './share.ts'
import { formatSize } from './size.ts'

export type WrittenProject = z.input<typeof ProjectFile>
type WrittenService = WrittenProject['services'][string]
type WrittenEnvironment = NonNullable<WrittenProject['environments']>[string]

/**
 * A Project as one would write it with nothing left to a default: the inverse of parsing, so that
 * `parseProject(writeProject(project))` is the same Project. What all services share stands at each.
 */
export function writtenProject(project: Project): WrittenProject {
  return {
    project: project.name,
    services: mapValues(project.services, writtenService),
    pipeline: mapValues(project.pipeline, writtenStep),
    environments: mapValues(project.environments, (each) => writtenEnvironment(each, project)),
    shared: [...project.shared],
    roles: mapValues(project.roles, (people) => [...people]),
  }
}

/** The same as text. */
export function writeProject(project: Project): string {
  return stringify(writtenProject(project), { lineWidth: 0, aliasDuplicateObjects: false })
}

function writtenService(service: Service): WrittenService {
  const { test, build, objectives } = service
  return {
    path: service.path,
    start: service.start,
    needs: { ...service.needs },
    inputs: [...service.inputs],
    ...given('install', service.install),
    build: {
      ...given('run', build.run),
      output: [...build.output],
      dependencies: [...build.dependencies],
      env: { ...build.env },
      timeout: formatDuration(build.timeoutSeconds),
    },
    ...given(
      'test',
      test && {
        run: test.run,
        env: { ...test.env },
        services: mapValues(test.services, writtenSidecar),
        timeout: formatDuration(test.timeoutSeconds),
        retries: test.retries,
      },
    ),
    ...given('port', service.port),
    ready: writtenProbe(service.ready),
    drain: formatDuration(service.drainSeconds),
    stop: formatDuration(service.stopSeconds),
    ...given('memory', service.memoryBytes === null ? null : formatSize(service.memoryBytes)),
    replicas: service.replicas,
    sticky: service.sticky,
    env: { ...service.env },
    ...given('api', service.api),
    objectives: {
      ...given(
        'errors',
        objectives.errorRate === null ? null : formatPercent(objectives.errorRate),
      ),
      ...given('p95', objectives.p95Ms === null ? null : formatDuration(objectives.p95Ms / 1000)),
    },
  }
}

function writtenProbe(probe: Probe) {
  return {
    ...given('path', probe.path),
    interval: formatDuration(probe.intervalSeconds),
    timeout: formatDuration(probe.timeoutSeconds),
    deadline: formatDuration(probe.deadlineSeconds),
  }
}

function writtenSidecar(sidecar: Sidecar) {
  return {
    run: sidecar.run,
    env: { ...sidecar.env },
    ready: writtenProbe(sidecar.ready),
    address: sidecar.address,
  }
}

function writtenStep(step: PipelineStep) {
  return {
    run: step.run,
    services: [...step.services],
    needs: [...step.needs],
    before: [...step.before],
    inputs: [...step.inputs],
    outputs: [...step.outputs],
    env: { ...step.env },
    timeout: formatDuration(step.timeoutSeconds),
    retries: step.retries,
    sidecars: mapValues(step.sidecars, writtenSidecar),
    matrix: mapValues(step.matrix, (values) => [...values]),
    cache: step.cache,
  }
}

function writtenEnvironment(environment: Environment, project: Project): WrittenEnvironment {
  const { from, analysis } = environment
  const source = from.kind === 'branch' ? from.branch : from.environment
  const isHidden = from.kind === 'branch' && Object.hasOwn(project.environments, source)
  return {
    from: isHidden ? { branch: source } : source,
    strategy: writtenStrategy(environment.strategy),
    ...given('replicas', environment.replicas),
    env: { ...environment.env },
    approve: [...environment.approve],
    soak: formatDuration(environment.soakSeconds),
    verify: [...environment.verify],
    services: mapValues(environment.services, (override) => ({
      ...given('replicas', override.replicas),
      env: { ...override.env },
      ...given('strategy', override.strategy && writtenStrategy(override.strategy)),
    })),
    analysis: {
      judge: analysis.judge,
      alpha: analysis.alpha,
      beta: analysis.beta,
      ...given('risk', analysis.risk === null ? null : formatPercent(analysis.risk)),
      warm: formatDuration(analysis.warmSeconds),
      dwell: formatDuration(analysis.dwellSeconds),
      deadline: formatDuration(analysis.maxSeconds),
      inconclusive: analysis.inconclusive,
    },
  }
}

function writtenStrategy(strategy: Strategy): NonNullable<WrittenEnvironment['strategy']> {
  switch (strategy.kind) {
    case 'recreate':
      return { recreate: {} }
    case 'rolling':
      return {
        rolling: { maxSurge: strategy.maxSurge, maxUnavailable: strategy.maxUnavailable },
      }
    case 'blue-green':
      return { 'blue-green': { hold: formatDuration(strategy.holdSeconds) } }
    case 'canary':
      return { canary: strategy.steps.map(writtenCanaryStep) }
    case 'shadow':
      return { shadow: { percent: strategy.percent, for: formatDuration(strategy.seconds) } }
  }
}

function writtenCanaryStep(step: CanaryStep) {
  if (step.kind === 'weight') return step.weight
  if (step.kind === 'header') return { header: { [step.name]: step.value } }
  return step.seconds === null ? { pause: true as const } : { pause: formatDuration(step.seconds) }
}

function given<Key extends string, Value>(key: Key, value: Value | null): { [K in Key]?: Value } {
  return (value === null ? {} : { [key]: value }) as { [K in Key]?: Value }
}

function mapValues<From, To>(
  map: Readonly<Record<string, From>>,
  turn: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, turn(value)]))
}
