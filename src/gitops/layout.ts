import { GitopsError } from './gitops-error.ts'

/** `production` or `preview/PR-7`: parts that are safe as folders and plain to git. */
const ENVIRONMENT = /^[A-Za-z0-9][A-Za-z0-9-]*(\/[A-Za-z0-9][A-Za-z0-9-]*)*$/
const SERVICE = /^[A-Za-z0-9][A-Za-z0-9-]*$/

/**
 * Path of a workload's file in the environment repo: `production/orders.yaml`.
 * @throws GitopsError `bad-environment-name`
 */
export function workloadFile(environment: string, service: string): string {
  if (!SERVICE.test(service)) throw badName(service, 'service')
  return `${environmentFolder(environment)}/${service}.yaml`
}

/** Folder of an environment in the environment repo. Throws `bad-environment-name`. */
export function environmentFolder(environment: string): string {
  if (!ENVIRONMENT.test(environment)) throw badName(environment, 'environment')
  return environment
}

/** What a file of the environment repo is about; null: its path is not `ENVIRONMENT/SERVICE.yaml`. */
export function ownerOf(
  file: string,
): { readonly environment: string; readonly service: string } | null {
  const match = /^(.+)\/([^/]+)\.yaml$/.exec(file)
  return match ? { environment: match[1] ?? '', service: match[2] ?? '' } : null
}

/** Is it a file that Slipway reads in this environment? Also `.yml`, so that such a file is an error and not overlooked. */
export function isIn(environment: string, file: string): boolean {
  const name = file.startsWith(`${environment}/`) ? file.slice(environment.length + 1) : ''
  return /^[^/]+\.ya?ml$/.test(name)
}

function badName(name: string, what: string): GitopsError {
  return new GitopsError({
    code: 'bad-environment-name',
    fault: 'input',
    message: `${JSON.stringify(name)} cannot name the file of a ${what}: use letters, digits and - (and / between the parts of an environment)`,
  })
}
