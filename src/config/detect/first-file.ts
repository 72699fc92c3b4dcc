import { stringify } from 'yaml'
import { nameLike } from '../name.ts'
import type { Facts, Guess } from './candidate.ts'
import type { Found, FoundService } from './detect.ts'

export type FirstFile = {
  /** A `slipway.yaml` that `slipway check` accepts. */
  readonly text: string
  /** What was guessed and from where, then what was left out: one line each. */
  readonly notes: readonly string[]
}

/**
 * The first `slipway.yaml` of a repository.
 * @param found at least one service
 * @param folder name of the repository's folder
 * @param branch the branch whose commits are delivered
 */
export function firstFile(found: Found, folder: string, branch: string): FirstFile {
  const services = Object.fromEntries(found.services.map((each) => [each.name, written(each)]))
  const parts = [
    `${HEAD}\n${yaml({ project: nameLike(folder) ?? 'project' })}`,
    yaml({ services }),
    environments(branch),
  ]
  return {
    text: parts.join('\n'),
    notes: [...found.services.flatMap(guesses), ...found.notes],
  }
}

const HEAD =
  '# Written by `slipway init` from what the repository holds: read it through once.\n# `slipway explain` tells what each key means, `slipway check` whether the file is right.'

function environments(branch: string): string {
  return `environments:
  dev: { from: ${flow({ branch })}, replicas: 1 }
  staging: { from: dev }
  # Add a role under \`roles\` and \`approve: [role]\` here to have people say yes first.
  production: { from: staging, strategy: { canary: [5, 25, 100] } }
`
}

function written({ path, facts, needs }: FoundService) {
  return {
    path,
    ...value('install', facts.install),
    ...buildOf(facts),
    ...value('test', facts.test),
    start: facts.start?.value ?? '',
    ...value('port', facts.port),
    ...value('ready', facts.ready),
    ...value('api', facts.api),
    ...(needs.length === 0 ? {} : { needs }),
    ...value('inputs', facts.inputs),
  }
}

function buildOf({ build, output, dependencies }: Facts) {
  const parts = {
    ...value('run', build),
    ...value('output', output),
    ...value('dependencies', dependencies),
  }
  const keys = Object.keys(parts)
  if (keys.length === 0) return {}
  return { build: keys.length === 1 && build !== undefined ? build.value : parts }
}

function value<Key extends string>(key: Key, guess: Guess<unknown> | undefined) {
  return guess === undefined ? {} : { [key]: guess.value }
}

const told: readonly (keyof Facts)[] = [
  'start',
  'install',
  'build',
  'output',
  'dependencies',
  'test',
  'port',
  'ready',
  'api',
  'inputs',
]

function guesses({ name, path, facts, needs }: FoundService): readonly string[] {
  const lines = told.flatMap((key) => {
    const guess = facts[key]
    return guess === undefined ? [] : [`${name}.${key}: ${flow(guess.value)}  (from ${guess.from})`]
  })
  const needed =
    needs.length === 0 ? [] : [`${name}.needs: ${flow(needs)}  (from ${facts.needs?.from})`]
  const unready =
    facts.ready === undefined
      ? [
          `${name}.ready: none found: accepting a connection counts as ready; write an HTTP path if it has one`,
        ]
      : []
  return [`${name}: service in ${path}`, ...lines, ...needed, ...unready]
}

function flow(data: unknown): string {
  if (typeof data === 'string') return data
  return stringify(data, {
    collectionStyle: 'flow',
    lineWidth: 0,
    flowCollectionPadding: true,
  }).trim()
}

function yaml(data: unknown): string {
  return stringify(data, { lineWidth: 0, aliasDuplicateObjects: false })
}
