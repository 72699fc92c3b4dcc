import { setTimeout as sleep } from 'node:timers/promises'
import { asSlipwayError } from '../errors/index.ts'
import type { EnvironmentStatus, Status } from '../server/index.ts'
import { CliError } from './cli-error.ts'
import { type Client, connect } from './client.ts'
import { stateOption } from './options.ts'
import { statusText } from './status-text.ts'
import type { Context, Verb } from './verb.ts'

const WATCH_MS = 1000

/** Which version of which service runs where, what is moving, and what waits for whom. */
export const verb: Verb = {
  example: 'slipway status production --watch',
  json: `{
  project: string
  environments: {
    name: string
    commit: string | null // of the environment repo; null: it says nothing of it yet
    release: string | null
    status: 'rolling' | 'verifying' | 'passed' | 'failed' | 'rolled-back' | null
    reason: string | null
    error: string | null // why the environment repo cannot be read
    next: {
      release: string
      gates: { kind: string; status: 'open' | 'waiting' | 'closed'; reason: string; opensAt: number | null }[]
    } | null
    workloads: {
      service: string
      version: string | null
      digest: string | null
      ready: number
      replicas: number
      restarts: number
      reason: string | null
      address: string | null
      pids: number[]
      rollout: {
        id: string
        environment: string
        service: string
        release: string | null
        strategy: string
        from: string | null
        to: string
        phase: string
        outcome: string | null
        weight: number // percent
        paused: string | null // why
        reason: string
        forecast: string
        startedAt: number // ms since 1970
        steps: object[]
        verdict: object | null // as slipway judge prints it
      } | null
    }[]
  }[]
  runs: object[] // the newest first: id, commit, branch, subject, status, startedAt, endedAt, reason, steps, built, cached
  holds: object[] // as slipway hold prints them
}`,

  define(command) {
    stateOption(command.argument('[environment]', 'only this environment')).option(
      '--watch',
      'look again every second until Ctrl-C, and tell what is different',
    )
  },

  async run(context, [environment], options) {
    const client = connect(context, options)
    if (options.watch === true) await watch(context, () => look(client, environment, context))
    else context.out(await look(client, environment, context))
    return 0
  },
}

/** What is to be printed now. */
async function look(
  client: Client,
  environment: string | undefined,
  context: Context,
): Promise<string> {
  const status = await client.get<Status>('/api/status')
  const shown = chosen(status.environments, environment)
  if (context.json) return JSON.stringify({ ...status, environments: shown })
  return statusText(status, shown, context)
}

function chosen(
  all: readonly EnvironmentStatus[],
  name: string | undefined,
): readonly EnvironmentStatus[] {
  const shown = all.filter((one) => name === undefined || one.name === name)
  if (shown.length > 0 || name === undefined) return shown
  const names = all.map((one) => one.name).join(', ')
  const message = `there is no environment ${name}; there are: ${names}`
  throw new CliError({ code: 'unknown-environment', fault: 'input', message })
}

/** Redraws on a terminal; elsewhere prints what is different from before. Ends when it is interrupted. */
async function watch(context: Context, ask: () => Promise<string>): Promise<void> {
  const draw = await drawing(context)
  let before = ''
  while (!context.signal.aborted) {
    const now = await ask().catch(untilItAnswers)
    if (now !== before) draw(now)
    before = now
    await sleep(WATCH_MS, undefined, { signal: context.signal }).catch(() => undefined)
  }
}

/** `serve` may be started again meanwhile. */
function untilItAnswers(error: unknown): string {
  const known = asSlipwayError(error)
  if (known?.code !== 'serve-unreachable') throw error
  return known.message
}

async function drawing({ columns, json, out }: Context): Promise<(text: string) => void> {
  if (columns === null || json) return out
  const { createLogUpdate } = await import('log-update')
  return createLogUpdate(process.stdout)
}
