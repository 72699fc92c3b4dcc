import type { EnvironmentStatus, RolloutView, Status, WorkloadStatus } from '../server/index.ts'
import { connect } from './client.ts'
import { stateOption } from './options.ts'
import { table } from './table.ts'
import type { Verb } from './verb.ts'

/** Which version of which service runs where, what is moving, and what waits for whom. */
export const verb: Verb = {
  example: 'slipway status production',

  define(command) {
    stateOption(command.argument('[environment]', 'only this environment'))
  },

  async run(context, [environment], options) {
    const status = await connect(context, options).get<Status>('/api/status')
    const shown = status.environments.filter(
      (one) => environment === undefined || one.name === environment,
    )
    if (shown.length === 0) {
      context.note(
        `there is no environment ${environment}; there are: ${status.environments.map((one) => one.name).join(', ')}`,
      )
      return 2
    }
    if (context.json) context.out(JSON.stringify({ ...status, environments: shown }))
    else context.out([...shown.map(environmentText), ...footText(status)].join('\n\n'))
    return 0
  },
}

function environmentText(environment: EnvironmentStatus): string {
  const { name, release, status, reason, next, error, workloads } = environment
  const head = release === null ? `${name}: no release yet` : `${name}: ${release} ${status}`
  const lines = [release !== null && status !== 'passed' && reason ? `${head} (${reason})` : head]
  if (error) lines.push(`  the environment repo cannot be read: ${error}`)
  if (workloads.length > 0) lines.push(indent(table(workloads.map(workloadRow))))
  for (const { rollout } of workloads) if (rollout) lines.push(indent(rolloutText(rollout)))
  for (const gate of next?.gates ?? []) {
    if (gate.status !== 'open')
      lines.push(`  next ${next?.release} waits for ${gate.kind}: ${gate.reason}`)
  }
  return lines.join('\n')
}

function workloadRow(workload: WorkloadStatus): string[] {
  const { service, version, ready, replicas, restarts, reason, address } = workload
  const health = ready >= replicas && replicas > 0 ? 'ready' : `${ready}/${replicas} ready`
  const trouble = [restarts > 0 ? `${restarts} restarts` : '', reason ?? '']
    .filter(Boolean)
    .join(', ')
  return [service, version ?? '–', health, address ?? '', trouble]
}

/** One line on where a rollout is, one on why. */
export function rolloutText(rollout: RolloutView): string {
  const { service, strategy, from, to, phase, outcome, weight, reason, paused } = rollout
  const where = outcome ?? (paused ? 'paused' : phase)
  return `${service}: ${strategy} ${from ?? 'nothing'} → ${to}, ${weight} %, ${where}\n  ${paused ?? reason}`
}

function footText(status: Status): string[] {
  const [run] = status.runs
  const holds = status.holds.map(
    (hold) =>
      `held in ${hold.environment}: ${hold.service} ${hold.digest.slice(0, 19)}, ${hold.reason}`,
  )
  const last = run
    ? `last run: ${run.commit.slice(0, 12)} ${run.status} (${run.subject}) ${run.reason}`
    : 'no run yet'
  return [[last, ...holds].join('\n')]
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ')
}
