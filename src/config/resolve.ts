import { dirname } from 'node:path'
import type {
  Environment,
  Objectives,
  PipelineStep,
  Project,
  Service,
  Sidecar,
  Source,
} from './project.ts'
import type { ProjectFile } from './schema.ts'
import { addressVariable } from './sidecar.ts'

type ServiceFile = ProjectFile['services'][string]
type StepFile = ProjectFile['pipeline'][string]
type EnvironmentFile = ProjectFile['environments'][string]
type SidecarFile = StepFile['sidecars'][string]

/**
 * The Project that a parsed file means: what a part does not say itself is taken from the whole.
 * @param path absolute path of the file
 */
export function resolveProject(file: ProjectFile, path: string): Project {
  return {
    name: file.project,
    file: path,
    root: dirname(path),
    services: mapValues(file.services, (service, name) => resolveService(service, name, file)),
    pipeline: mapValues(file.pipeline, (step, name) => resolveStep(step, name, file)),
    shared: file.shared,
    environments: mapValues(file.environments, (each, name) =>
      resolveEnvironment(each, name, file),
    ),
    roles: file.roles,
  }
}

function resolveService(service: ServiceFile, name: string, file: ProjectFile): Service {
  const { test, build } = service
  return {
    name,
    path: service.path,
    needs: service.needs,
    inputs: service.inputs,
    install: service.install ?? null,
    test:
      test === undefined
        ? null
        : {
            run: test.run,
            env: test.env,
            services: mapValues(test.services, resolveSidecar),
            timeoutSeconds: test.timeout,
            retries: test.retries,
          },
    build: {
      builder: 'layers',
      run: build.run ?? null,
      output: build.output,
      dependencies: build.dependencies,
      env: build.env,
      timeoutSeconds: build.timeout,
    },
    start: service.start,
    port: service.port ?? null,
    ready: resolveProbe(service.ready),
    drainSeconds: service.drain,
    stopSeconds: service.stop,
    memoryBytes: service.memory ?? null,
    replicas: service.replicas ?? file.replicas,
    sticky: service.sticky,
    env: service.env,
    api: service.api ?? null,
    objectives: resolveObjectives(service.objectives, file.objectives),
  }
}

function resolveObjectives(
  own: ServiceFile['objectives'],
  all: ProjectFile['objectives'],
): Objectives {
  const p95 = own.p95 ?? all.p95
  return {
    errorRate: own.errors ?? all.errors ?? null,
    p95Ms: p95 === undefined ? null : Math.round(p95 * 1000),
  }
}

function resolveProbe(probe: ServiceFile['ready']): Service['ready'] {
  return {
    path: probe.path ?? null,
    intervalSeconds: probe.interval,
    timeoutSeconds: probe.timeout,
    deadlineSeconds: probe.deadline,
  }
}

function resolveSidecar(sidecar: SidecarFile, name: string): Sidecar {
  return {
    run: sidecar.run,
    env: sidecar.env,
    ready: resolveProbe(sidecar.ready),
    address: sidecar.address ?? addressVariable(name),
  }
}

function resolveStep(step: StepFile, name: string, file: ProjectFile): PipelineStep {
  return {
    name,
    run: step.run,
    services: step.services === 'all' ? Object.keys(file.services) : step.services,
    needs: step.needs,
    before: step.before,
    inputs: step.inputs,
    outputs: step.outputs,
    env: step.env,
    timeoutSeconds: step.timeout,
    retries: step.retries,
    sidecars: mapValues(step.sidecars, resolveSidecar),
    matrix: step.matrix,
    cache: step.cache,
  }
}

function resolveEnvironment(each: EnvironmentFile, name: string, file: ProjectFile): Environment {
  const analysis = { ...file.analysis, ...definedOf(each.analysis) }
  return {
    name,
    from: resolveSource(each.from, file),
    strategy: each.strategy,
    replicas: each.replicas ?? null,
    env: each.env,
    approve: each.approve,
    soakSeconds: each.soak,
    verify: each.verify,
    services: mapValues(each.services, (override) => ({
      replicas: override.replicas ?? null,
      env: override.env,
      strategy: override.strategy ?? null,
    })),
    analysis: {
      judge: analysis.judge,
      alpha: analysis.alpha,
      beta: analysis.beta,
      risk: analysis.risk ?? null,
      warmSeconds: analysis.warm,
      dwellSeconds: analysis.dwell,
      maxSeconds: analysis.deadline,
      inconclusive: analysis.inconclusive,
    },
  }
}

function resolveSource(from: EnvironmentFile['from'], file: ProjectFile): Source {
  if (typeof from === 'string') {
    return Object.hasOwn(file.environments, from)
      ? { kind: 'environment', environment: from }
      : { kind: 'branch', branch: from }
  }
  return from.environment === undefined
    ? { kind: 'branch', branch: from.branch ?? '' }
    : { kind: 'environment', environment: from.environment }
}

type Defined<Of> = { [Key in keyof Of]: Exclude<Of[Key], undefined> }

function definedOf<Of extends object>(map: Of): Partial<Defined<Of>> {
  const defined = Object.entries(map).filter(([, value]) => value !== undefined)
  return Object.fromEntries(defined) as Partial<Defined<Of>>
}

function mapValues<From, To>(
  map: Readonly<Record<string, From>>,
  turn: (value: From, key: string) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, turn(value, key)]))
}
