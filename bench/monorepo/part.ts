import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure, Part, PartOptions, PartResult } from '../figure.ts'
import { SLIPWAY } from '../planes.ts'
import { locate, run } from '../program.ts'
import { median } from '../quantile.ts'
import { quiet } from '../quiet.ts'
import type { Contestant } from './contestant.ts'
import { gitlabCiLocal } from './gitlab-ci-local.ts'
import { npmPeer } from './peers.ts'
import { commitAll, generate, type Size } from './repository.ts'
import { slipwayServices, slipwaySteps } from './slipway.ts'
import { turbo } from './turbo.ts'

/** A repository of many services: the plan, the first run, and a run in which nothing changed. */
export const monorepo: Part = { name: 'monorepo', run: measure }

/** Whole processes, in milliseconds. */
type Times = { readonly plan: number[]; readonly first: number[]; readonly unchanged: number[] }

async function measure({ stage, isQuick, note }: PartOptions): Promise<PartResult> {
  const size: Size = isQuick
    ? { services: 10, filesPerService: 20 }
    : { services: 50, filesPerService: 200 }
  const { peers, skipped } = findPeers(note)
  // On ext4 each new file costs more for a minute after many were deleted (its `recently_deleted`):
  // a first run would pay for the round before it.
  const root = stage.memoryFolder()
  const contestants = [slipwaySteps, slipwayServices, ...peers].map((contestant, i) => {
    const folder = join(root, `repository-${i}`)
    generate(folder, size)
    contestant.prepare(folder, size)
    commitAll(folder)
    const times: Times = { plan: [], first: [], unchanged: [] }
    return { contestant, folder, times }
  })
  for (let i = 0; i < (isQuick ? 1 : 5); i++) {
    note(`monorepo: round ${i + 1}`)
    for (const one of contestants) {
      await quiet()
      round(one, isQuick ? 1 : 3)
    }
  }
  const times = Object.fromEntries(
    contestants.map(({ contestant, times }) => [contestant.name, times]),
  )
  return { figures: figuresOf(times, size), skipped, details: { size, times } }
}

type Contending = {
  readonly contestant: Contestant
  readonly folder: string
  readonly times: Times
}

function round({ contestant, folder, times }: Contending, unchangedRuns: number): void {
  contestant.clean(folder)
  if (contestant.name.startsWith('slipway'))
    times.plan.push(run([SLIPWAY, 'plan'], { cwd: folder }).ms)
  contestant.clean(folder)
  const result = contestant.result === null ? null : join(folder, contestant.result)
  if (result !== null) rmSync(result, { force: true })
  times.first.push(contestant.run(folder).ms)
  if (result !== null && !existsSync(result))
    throw new Error(`${contestant.name} did not make ${result}`)
  for (let i = 0; i < unchangedRuns; i++) times.unchanged.push(contestant.run(folder).ms)
}

function findPeers(note: (text: string) => void) {
  const peers: Contestant[] = []
  const skipped: string[] = []
  for (const [name, contend] of [
    ['turbo', turbo],
    ['gitlab-ci-local', gitlabCiLocal],
  ] as const) {
    if (name === 'gitlab-ci-local' && locate('rsync') === null) {
      skipped.push('monorepo: gitlab-ci-local needs rsync (Debian: apt-get install rsync)')
      continue
    }
    const program = npmPeer(name, note)
    if (program === null)
      skipped.push(`monorepo: ${name} could not be fetched (npm install ${name})`)
    else peers.push(contend(program))
  }
  return { peers, skipped }
}

function figuresOf(times: Readonly<Record<string, Times>>, { services }: Size): Figure[] {
  const of = (name: string, what: keyof Times) => {
    const found = times[name]?.[what] ?? []
    return found.length === 0 ? null : median(found)
  }
  const figure = (own: string, what: keyof Times, label: string): Figure => {
    const peers = ['turbo', 'gitlab-ci-local'].flatMap((name) => {
      const value = of(name, what)
      return value === null ? [] : [{ name, value }]
    })
    return { part: 'monorepo', what: label, value: of(own, what)!, unit: 'ms', peers }
  }
  const first = figure(slipwaySteps.name, 'first', `first run of ${services} steps`)
  const unchanged = figure(slipwaySteps.name, 'unchanged', 'run without a change')
  return [
    figure(slipwaySteps.name, 'plan', `plan of ${services} steps`),
    { ...first, aim: timesFaster(first, { turbo: 3, 'gitlab-ci-local': 3 }) },
    { ...unchanged, aim: timesFaster(unchanged, { turbo: 1, 'gitlab-ci-local': 10 }) },
    overhead(first, unchanged, services),
    figure(slipwayServices.name, 'first', `first run, ${services} images made too`),
    figure(slipwayServices.name, 'unchanged', 'run without a change, with images'),
  ].filter((each) => each !== null)
}

/** The least that a peer's time must be of ours. */
function timesFaster(
  { value, peers = [] }: Figure,
  wanted: Readonly<Record<string, number>>,
): Figure['aim'] {
  if (peers.length === 0) return undefined
  const ratios = peers.map(({ name, value: theirs }) => ({ name, ratio: theirs / value }))
  return {
    text: ratios
      .map(({ name, ratio }) => `${wanted[name]} × ${name}: ${ratio.toFixed(1)} ×`)
      .join(', '),
    isMet: ratios.every(({ name, ratio }) => ratio >= wanted[name]!),
  }
}

/** What running a step costs beyond its command: `sh` and `cat`, measured alone, take a few milliseconds. */
function overhead(first: Figure, unchanged: Figure, services: number): Figure {
  const each = (total: number | undefined, base: number | undefined) =>
    ((total ?? Number.NaN) - (base ?? Number.NaN)) / services
  const peers = (first.peers ?? []).map(({ name, value }) => {
    const base = unchanged.peers?.find((peer) => peer.name === name)?.value
    return { name, value: name === 'gitlab-ci-local' ? value / services : each(value, base) }
  })
  const value = each(first.value, unchanged.value)
  return {
    part: 'monorepo',
    what: 'a step, first run less unchanged run',
    value,
    unit: 'ms',
    peers,
  }
}
