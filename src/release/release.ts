/** What was built and tested together at one commit; this, whole, is what is promoted. */
export type Release = {
  /** The first twelve digits of the commit: one commit, one release. */
  readonly id: string
  /** 1, 2, 3 … in the order in which releases were made. */
  readonly sequence: number
  readonly commit: string
  readonly branch: string
  /** The run that made it. */
  readonly run: string
  /** First line of the commit's message. */
  readonly subject: string
  readonly createdAt: number
  readonly services: Readonly<Record<string, ReleasedService>>
}

export type ReleasedService = {
  readonly digest: string
  readonly version: string
  readonly commit: string
}

/**
 * How a release fares in one environment.
 * - `rolling`: the environment repo names it, its rollouts are under way
 * - `verifying`: every workload runs it, the environment's verify steps run
 * - `passed`: it may go on to the next environment
 * - `failed`: it could not be brought up, or a verify step failed
 * - `rolled-back`: the environment went back to what was before
 * - `superseded`: a newer release came before it had passed
 */
export type PassageStatus =
  | 'rolling'
  | 'verifying'
  | 'passed'
  | 'failed'
  | 'rolled-back'
  | 'superseded'

export type Passage = {
  readonly environment: string
  readonly release: string
  readonly sequence: number
  readonly status: PassageStatus
  /** When it got this status; for `passed` soaking counts from here. */
  readonly since: number
  /** The commit of the environment repo that brought it. */
  readonly commit: string
  readonly reason: string
}

export type Approval = {
  readonly environment: string
  readonly release: string
  readonly role: string
  readonly by: string
  readonly at: number
}

/** A digest that was rejected: every writer obeys it until it expires or a person lifts it. */
export type Hold = {
  readonly digest: string
  readonly service: string
  /** Where it was rejected; what comes after that environment cannot get it either. */
  readonly environment: string
  readonly reason: string
  readonly by: string
  readonly at: number
  readonly expiresAt: number
}
