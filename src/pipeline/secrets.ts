import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Environ, EnvValue } from '../config/index.ts'
import { PipelineError } from './pipeline-error.ts'
import type { Step } from './types.ts'

/** Where the values of secrets are found. */
export type SecretPlace = {
  /** Variables that `{env: NAME}` may name. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute folder that a relative `{file: PATH}` starts from. */
  readonly folder: string
}

/** A step's environment with the values in it; never kept longer than the step runs. */
export type ResolvedEnv = {
  readonly env: Readonly<Record<string, string>>
  readonly sidecarEnv: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The values that must never be shown. */
  readonly secrets: readonly string[]
}

/** @throws PipelineError `missing-secret`, naming the reference, never a value */
export function resolveSecrets(step: Step, place: SecretPlace): ResolvedEnv {
  const secrets: string[] = []
  const all = (env: Environ): Record<string, string> =>
    Object.fromEntries(
      Object.entries(env).map(([name, value]) => {
        if (typeof value === 'string') return [name, value]
        const secret = secretOf(value, { step, name, place })
        secrets.push(secret)
        return [name, secret]
      }),
    )
  return {
    env: all(step.env),
    sidecarEnv: Object.fromEntries(
      Object.entries(step.sidecars).map(([name, sidecar]) => [name, all(sidecar.env)]),
    ),
    secrets,
  }
}

type Wanted = { readonly step: Step; readonly name: string; readonly place: SecretPlace }

function secretOf(reference: Exclude<EnvValue, string>, wanted: Wanted): string {
  if ('env' in reference) {
    const value = wanted.place.env[reference.env]
    if (value === undefined || value === '') {
      throw missing(wanted, `the variable ${reference.env} of Slipway's environment: set it`)
    }
    return value
  }
  const file = resolve(wanted.place.folder, reference.file)
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw missing(wanted, `the file ${file}, which cannot be read: create it`, cause)
  }
}

function missing({ step, name }: Wanted, what: string, cause?: unknown): PipelineError {
  return new PipelineError({
    code: 'missing-secret',
    fault: 'input',
    cause,
    message: `step ${step.id} takes ${name} from ${what}`,
  })
}
