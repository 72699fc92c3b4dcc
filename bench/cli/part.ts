import type { Figure, Part, PartOptions, PartResult } from '../figure.ts'
import { type Planes, SLIPWAY, startPlanes } from '../planes.ts'
import { run } from '../program.ts'
import { median } from '../quantile.ts'
import { quiet } from '../quiet.ts'

const AIM_MS = 120

/** How long a person waits for an answer: the whole of bin/slipway, nothing kept between calls. */
export const cli: Part = { name: 'cli', run: measure }

async function measure({ stage, isQuick }: PartOptions): Promise<PartResult> {
  const planes = await startPlanes(stage)
  const commands = {
    'slipway status': [SLIPWAY, 'status'],
    'slipway --help': [SLIPWAY, '--help'],
    'node -e 0': [process.execPath, '-e', '0'],
  }
  const times = await timesOf(commands, planes, isQuick ? 5 : 20)
  const bare = { name: 'bare node', value: median(times['node -e 0']!) }
  const figure = (command: keyof typeof commands): Figure => {
    const value = median(times[command]!)
    const aim = { text: `under ${AIM_MS} ms`, isMet: value < AIM_MS }
    return { part: 'cli', what: command, value, unit: 'ms', peers: [bare], aim }
  }
  return { figures: [figure('slipway status'), figure('slipway --help')], details: { times } }
}

/** The commands take turns; the first turn, which may still read from disk, does not count. */
async function timesOf<Name extends string>(
  commands: Readonly<Record<Name, readonly string[]>>,
  { folder }: Planes,
  turns: number,
): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = {}
  for (let turn = 0; turn <= turns; turn++) {
    if (turn % 5 === 0) await quiet()
    for (const [name, command] of Object.entries<readonly string[]>(commands)) {
      const { ms } = run(command, { cwd: folder })
      if (turn > 0) times[name] = [...(times[name] ?? []), ms]
    }
  }
  return times
}
