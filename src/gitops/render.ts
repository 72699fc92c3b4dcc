import type { Environment, Project, Service } from '../config/index.ts'
import { GitopsError } from './gitops-error.ts'
import type { Workload } from './workload.ts'

/** What was tested together. */
export type ReleasedSet = {
  readonly id: string
  readonly commit: string
  readonly run: string
  readonly services: Readonly<
    Record<string, { readonly digest: string; readonly version: string; readonly commit: string }>
  >
}

/**
 * What an environment shall run of a release: a workload for each of its services, in the project's order.
 * What the environment says of one service wins over what it says of all, and that over what the service says.
 * @throws GitopsError `unknown-environment`, `unknown-service` (the release has one that the project has not)
 */
export function render(
  project: Project,
  environment: string,
  release: ReleasedSet,
): readonly Workload[] {
  const target = project.environments[environment]
  if (!target) throw unknownEnvironment(project, environment)
  const stranger = Object.keys(release.services).find((name) => !project.services[name])
  if (stranger !== undefined) throw unknownService(project, release, stranger)
  return Object.values(project.services).flatMap((service) => {
    const artifact = release.services[service.name]
    return artifact ? [workloadOf(service, target, artifact)] : []
  })
}

function workloadOf(
  service: Service,
  environment: Environment,
  { digest, version, commit }: Workload['artifact'],
): Workload {
  const override = environment.services[service.name]
  return {
    service: service.name,
    environment: environment.name,
    artifact: { digest, version, commit },
    replicas: override?.replicas ?? environment.replicas ?? service.replicas,
    env: { ...service.env, ...environment.env, ...override?.env },
    needs: Object.keys(service.needs).sort(),
    ready: service.ready,
    drainSeconds: service.drainSeconds,
    stopSeconds: service.stopSeconds,
    memoryBytes: service.memoryBytes,
    sticky: service.sticky,
    strategy: override?.strategy ?? environment.strategy,
    objectives: service.objectives,
    analysis: environment.analysis,
  }
}

function unknownEnvironment(project: Project, environment: string): GitopsError {
  const known = Object.keys(project.environments).join(', ')
  return new GitopsError({
    code: 'unknown-environment',
    fault: 'input',
    message: `${project.file} has no environment ${environment}: it has ${known || 'none'}`,
  })
}

function unknownService(project: Project, release: ReleasedSet, service: string): GitopsError {
  const known = Object.keys(project.services).join(', ')
  return new GitopsError({
    code: 'unknown-service',
    fault: 'input',
    message: `release ${release.id} has a service ${service} that ${project.file} does not have (${known}): render it with the project of its own commit ${release.commit}`,
  })
}
