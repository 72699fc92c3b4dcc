import type { EnvironmentStatus, RolloutView, Status, WorkloadStatus } from '../server/index.ts'
import { type Paint, painted, paintOf } from './paint.ts'
import { paragraph } from './paragraph.ts'
import { table } from './table.ts'
import type { Context } from './verb.ts'

type Page = { readonly paint: Paint; readonly columns: number | null }

/** The environments one below the other, then the last run and what is held. */
export function statusText(
  status: Status,
  shown: readonly EnvironmentStatus[],
  context: Pick<Context, 'columns' | 'env'>,
): string {
  const page = { paint: paintOf(context), columns: context.columns }
  const parts = [...shown.map((each) => environmentText(each, page)), footText(status, page)]
  return parts.join('\n\n')
}

function environmentText(environment: EnvironmentStatus, page: Page): string {
  const { name, release, status, reason, next, error, workloads } = environment
  const { paint, columns } = page
  const state = status === null ? '' : painted(paint, status)
  const head = release === null ? 'no release yet' : `${release} ${state}`
  const lines = [`${paint.bold(name)}: ${head}`]
  if (release !== null && status !== 'passed' && reason) lines.push(paragraph(reason, 2, columns))
  if (error) lines.push(paragraph(`the environment repo cannot be read: ${error}`, 2, columns))
  if (workloads.length > 0) {
    lines.push(table(workloads.map((each) => ['', ...row(each, paint)])))
    const troubled = workloads.filter((each) => troubleOf(each) !== '')
    lines.push(
      ...troubled.map((each) => paragraph(`${each.service}: ${troubleOf(each)}`, 4, columns)),
    )
  }
  for (const { rollout } of workloads) if (rollout) lines.push(rolloutText(rollout, page))
  for (const gate of next?.gates ?? []) {
    if (gate.status === 'open') continue
    const word = gate.status === 'closed' ? 'will not go on' : 'waits for'
    lines.push(paragraph(`next ${next?.release} ${word}: ${gate.reason}`, 2, columns))
  }
  return lines.join('\n')
}

function row({ version, service, ready, replicas, address }: WorkloadStatus, paint: Paint) {
  const isReady = ready >= replicas && replicas > 0
  const health = isReady ? painted(paint, 'ready') : paint.yellow(`${ready} of ${replicas} ready`)
  return [service, version ?? '–', health, address ?? '']
}

function troubleOf({ restarts, reason }: WorkloadStatus): string {
  const restarted = restarts > 0 ? `${restarts} restart${restarts === 1 ? '' : 's'}` : ''
  return [restarted, reason ?? ''].filter(Boolean).join(', ')
}

/** One line on where a rollout is, then why. */
function rolloutText(rollout: RolloutView, { paint, columns }: Page): string {
  const { service, strategy, from, to, phase, outcome, weight, reason, paused, verdict } = rollout
  const where = painted(paint, outcome ?? (paused === null ? phase : 'paused'))
  const move = `${from ?? 'nothing'} → ${to}`
  const lines = [`  ${service}: ${strategy} ${move}, ${weight} % of traffic, ${where}`]
  const judged = paused !== null && verdict !== null ? `; judging goes on: ${verdict.reason}` : ''
  const why = `${paused ?? reason}${judged}`
  if (why !== '') lines.push(paragraph(why, 4, columns))
  return lines.join('\n')
}

function footText(status: Status, { paint, columns }: Page): string {
  const [run] = status.runs
  const lines =
    run === undefined
      ? ['no run yet']
      : [
          `last run: ${run.commit.slice(0, 12)} ${painted(paint, run.status)}`,
          paragraph(run.subject, 2, columns),
          ...(run.status === 'passed' ? [] : [paragraph(run.reason, 2, columns)]),
        ]
  for (const { environment, service, digest, reason } of status.holds) {
    const what = `${painted(paint, 'held')} in ${environment}: ${service} ${digest.slice(0, 19)}`
    lines.push(what, paragraph(reason, 2, columns))
  }
  return lines.join('\n')
}
