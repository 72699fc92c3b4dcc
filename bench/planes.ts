import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './program.ts'
import { writeService } from './service.ts'
import type { Stage } from './stage.ts'

export const SLIPWAY = join(import.meta.dirname, '..', 'bin', 'slipway')

const DEPLOYED_WITHIN_MS = 60_000

/** `slipway node` and `slipway serve` of a tiny project whose one service is deployed. */
export type Planes = {
  /** The project's folder. */
  readonly folder: string
  readonly node: ChildProcess
  readonly serve: ChildProcess
}

export async function startPlanes(stage: Stage): Promise<Planes> {
  const folder = join(stage.folder, 'tiny')
  mkdirSync(folder)
  writeService(folder)
  const node = stage.start([SLIPWAY, 'node', '--port', '0'], { cwd: folder })
  await once(node.stdout!, 'data')
  const serve = stage.start([SLIPWAY, 'serve'], { cwd: folder })
  await once(serve.stdout!, 'data')
  const deadline = performance.now() + DEPLOYED_WITHIN_MS
  while (!isDeployed(folder)) {
    if (performance.now() > deadline) throw new Error('the tiny project was not deployed in time')
    await sleep(200)
  }
  return { folder, node, serve }
}

function isDeployed(folder: string): boolean {
  const { stdout } = run([SLIPWAY, 'status', '--json'], { cwd: folder })
  const status = JSON.parse(stdout) as { environments: { status: string }[] }
  return status.environments.every((environment) => environment.status === 'passed')
}
