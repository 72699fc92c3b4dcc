import { readFile } from 'node:fs/promises'
import { delimiter, dirname } from 'node:path'
import type { Environ, EnvValue } from '../../config/index.ts'
import type { Revision, WorkloadRef } from '../platform.ts'
import { PlatformError } from './platform-error.ts'

export type Variables = Readonly<Record<string, string | undefined>>

/** Taken over from the node's own environment; nothing else is. */
const INHERITED = ['HOME', 'LANG', 'TZ']

/** What Slipway tells an instance about itself. */
export type InstanceFacts = {
  readonly instance: string
  readonly workload: WorkloadRef
  readonly revision: Revision
  readonly port: number
  /** Marks the processes of this node, so that strays are found after a crash. */
  readonly nodeId: string
  /** Own writable folder. */
  readonly scratch: string
  /** Needed service → its address. */
  readonly addresses: Readonly<Record<string, string>>
}

/** The whole environment of an instance. The user's own words win, except over what Slipway states as fact. */
export function instanceEnvironment(
  facts: InstanceFacts,
  declared: Readonly<Record<string, string>>,
  node: Variables,
): Record<string, string> {
  return {
    ...inherited(node),
    TMPDIR: facts.scratch,
    ...Object.fromEntries(
      Object.entries(facts.addresses).map(([name, url]) => [addressVariable(name), url]),
    ),
    ...declared,
    PORT: String(facts.port),
    SLIPWAY_SERVICE: facts.workload.service,
    SLIPWAY_ENVIRONMENT: facts.workload.environment,
    SLIPWAY_VERSION: facts.revision.version,
    SLIPWAY_COMMIT: facts.revision.commit,
    SLIPWAY_REVISION: facts.revision.id,
    SLIPWAY_INSTANCE: facts.instance,
    SLIPWAY_NODE_ID: facts.nodeId,
    SLIPWAY_DATA: facts.scratch,
  }
}

/** `user-accounts` → `USER_ACCOUNTS_URL`. */
export function addressVariable(service: string): string {
  return `${service.toUpperCase().replaceAll('-', '_')}_URL`
}

/**
 * Reads the secrets that the environ refers to.
 * @throws PlatformError `secret-missing`
 */
export async function resolveEnviron(
  environ: Environ,
  node: Variables,
): Promise<Record<string, string>> {
  const entries = Object.entries(environ).map(
    async ([name, value]) => [name, await resolveValue(name, value, node)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

/** The values in `values` that came from secrets: what must never be shown. */
export function secretsOf(
  environ: Environ,
  values: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return Object.entries(environ).flatMap(([name, reference]) => {
    const value = values[name]
    return typeof reference === 'string' || value === undefined || value === '' ? [] : [value]
  })
}

/** The text with each secret replaced by `***`. */
export function masked(text: string, secrets: readonly string[]): string {
  // The longest first: a secret may be part of another one.
  return secrets
    .toSorted((a, b) => b.length - a.length)
    .reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
}

async function resolveValue(name: string, value: EnvValue, node: Variables): Promise<string> {
  if (typeof value === 'string') return value
  if ('env' in value) {
    const found = node[value.env]
    if (found !== undefined) return found
    throw new PlatformError({
      code: 'secret-missing',
      fault: 'input',
      retry: 'later',
      message: `${name} is to come from the variable ${value.env}, which the node does not have: start \`slipway node\` with ${value.env} set`,
    })
  }
  try {
    return (await readFile(value.file, 'utf8')).replace(/\r?\n$/, '')
  } catch (cause) {
    throw new PlatformError({
      code: 'secret-missing',
      fault: 'input',
      retry: 'later',
      cause,
      message: `${name} is to come from the file ${value.file}, which the node cannot read: put it there, readable for the user who runs \`slipway node\``,
    })
  }
}

function inherited(node: Variables): Record<string, string> {
  // The node's own runtime comes first, so that `node` in a start command is the one Slipway runs on.
  const path = [dirname(process.execPath), node.PATH ?? '/usr/local/bin:/usr/bin:/bin']
  const kept = INHERITED.flatMap((name) => {
    const value = node[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { PATH: path.join(delimiter), ...Object.fromEntries(kept) }
}
