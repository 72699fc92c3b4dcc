import { isDeepStrictEqual } from 'node:util'
import { causeTrailers } from './cause.ts'
import { GitopsError } from './gitops-error.ts'
import { environmentFolder, workloadFile } from './layout.ts'
import type { Change } from './tip.ts'
import type { Workload } from './workload.ts'
import { parseWorkload, workloadYaml } from './workload-yaml.ts'

/** A digest that no environment (null), or this one, may get until it expires or a person lifts it. */
export type Held = {
  readonly environment: string | null
  readonly digest: string
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export type Promotion = {
  readonly environment: string
  /** Exactly these files are written. */
  readonly workloads: readonly Workload[]
  /** Services that the release says are gone: their files are removed. Absent: none; nothing else ever removes a file. */
  readonly remove?: readonly string[]
  /** Ids of the release and of the run that made it. */
  readonly release: string
  readonly run: string | null
  readonly sourceCommit: string
  readonly actor: string
  readonly reason: string
  readonly held: readonly Held[]
  /** Now, in milliseconds since 1970: the commit's time, and what holds are compared with. */
  readonly at: number
}

/**
 * May this be promoted at all?
 * @throws GitopsError `empty-render`, `digest-held`, `broken-workload`, `bad-environment-name`
 */
export function checkPromotion(promotion: Promotion): void {
  const { environment, workloads, release } = promotion
  environmentFolder(environment)
  if (workloads.length === 0) throw emptyRender(environment, release)
  for (const workload of workloads) {
    if (workload.environment !== environment) {
      throw new RangeError(`${workload.service} is rendered for ${workload.environment}`)
    }
    const held = holdOf(workload, promotion)
    if (held) throw digestHeld(workload, held)
    parseWorkload(workloadYaml(workload), workloadFile(environment, workload.service))
  }
}

/**
 * The commit that makes the environment what the promotion says; null: it is so already.
 * @param files the environment's files as they are now, path → text
 */
export function promotionChange(
  promotion: Promotion,
  files: ReadonlyMap<string, string>,
): Change | null {
  const { environment, release } = promotion
  const written = promotion.workloads.filter((workload) => !isAlready(workload, files))
  const removed = (promotion.remove ?? []).filter((service) =>
    files.has(workloadFile(environment, service)),
  )
  if (written.length === 0 && removed.length === 0) return null
  const changes = new Map<string, string | null>([
    ...written.map((one) => [workloadFile(environment, one.service), workloadYaml(one)] as const),
    ...removed.map((service) => [workloadFile(environment, service), null] as const),
  ])
  const body = [...written.map(line), ...removed.map((service) => `- ${service}: removed`)]
  return {
    changes,
    services: [...written.map(({ service }) => service), ...removed].sort(),
    message: {
      subject: `Promote ${release} to ${environment}`,
      body: body.join('\n'),
      trailers: causeTrailers({ ...promotion, kind: 'promotion' }),
    },
  }
}

/** By meaning: a comment that someone wrote into the file stays when nothing else changes. */
function isAlready(workload: Workload, files: ReadonlyMap<string, string>): boolean {
  const file = workloadFile(workload.environment, workload.service)
  const text = files.get(file)
  if (text === undefined) return false
  try {
    return isDeepStrictEqual(parseWorkload(text, file), plain(workload))
  } catch (error) {
    if (error instanceof GitopsError && error.code === 'broken-workload') return false
    throw error
  }
}

/** As it comes back from its file, so that an absent prototype or a spare key makes no difference. */
function plain(workload: Workload): Workload {
  const file = workloadFile(workload.environment, workload.service)
  return parseWorkload(workloadYaml(workload), file)
}

function holdOf(workload: Workload, { environment, held, at }: Promotion): Held | undefined {
  return held.find(
    (hold) =>
      hold.digest === workload.artifact.digest &&
      (hold.environment === null || hold.environment === environment) &&
      hold.expiresAt > at,
  )
}

function line({ service, artifact }: Workload): string {
  return `- ${service}: ${artifact.version} (${artifact.digest})`
}

function emptyRender(environment: string, release: string): GitopsError {
  return new GitopsError({
    code: 'empty-render',
    fault: 'input',
    message: `release ${release} renders to no workload at all for ${environment}: nothing was changed; check that the release and slipway.yaml name the same services`,
  })
}

function digestHeld({ service, artifact }: Workload, hold: Held): GitopsError {
  const until = new Date(hold.expiresAt).toISOString()
  const where = hold.environment ?? 'every environment'
  return new GitopsError({
    code: 'digest-held',
    fault: 'input',
    message: `${service} ${artifact.version} (${artifact.digest}) is held in ${where} until ${until}: ${hold.reason}. Nothing was changed; release a mended version, or have a person lift the hold`,
  })
}
