import { join } from 'node:path'
import { build } from 'esbuild'
import type { Endpoint } from '../../src/platform/index.ts'
import type { Stage } from '../stage.ts'
import { Remote } from './remote.ts'
import type { ReverseProxy } from './reverse-proxy.ts'
import { SLOTS } from './workload.ts'

/** Starts our edge as its users have it: bundled, in a process of its own. */
export async function startBuiltIn(stage: Stage, core: number | null): Promise<ReverseProxy> {
  const file = join(stage.folder, 'edge.mjs')
  await bundle(file)
  const child = stage.start([process.execPath, file], {
    core,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const remote = await Remote.to(child)
  const endpoints = new Map<number, Endpoint>()
  const update = () => remote.call('update', [...endpoints.values()])
  let made = 0
  return {
    name: 'slipway',
    port: Number(await remote.call('port')),
    pid: remote.pid,
    async add(slot, port) {
      const instance = `${SLOTS[slot]}-${++made}`
      const place = { instance, revision: SLOTS[slot]!, host: '127.0.0.1', port }
      endpoints.set(slot, { ...place, state: 'ready', startedAt: Date.now() })
      await update()
    },
    async drain(slot) {
      endpoints.set(slot, { ...endpoints.get(slot)!, state: 'draining' })
      await update()
    },
    inFlight: async (slot) => Number(await remote.call('inFlight', endpoints.get(slot)!.instance)),
    async remove(slot) {
      endpoints.delete(slot)
      await update()
    },
    async setShare(percent) {
      const weights = { a: 100 - percent, b: percent }
      const split = { weights, header: null, mirror: null, preview: null, sticky: false }
      await remote.call('setSplit', split)
    },
  }
}

async function bundle(outfile: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, 'edge-process.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    legalComments: 'none',
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
    },
  })
}
