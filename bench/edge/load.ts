import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { locate } from '../program.ts'
import type { Stage } from '../stage.ts'
import type { ClientResult } from './client-result.ts'
import { HOST } from './workload.ts'

export type LoadOptions = {
  readonly stage: Stage
  readonly core: number | null
  readonly port: number
  readonly seconds: number
}

/** Requests at a fixed rate, GET and POST in turn. */
export async function openLoad(
  ratePerSecond: number,
  { stage, core, port, seconds }: LoadOptions,
): Promise<ClientResult> {
  return (await print(stage, core, client('open', port, ratePerSecond, seconds))) as ClientResult
}

export type ClosedResult = Pick<ClientResult, 'perSecond' | 'p50' | 'p99' | 'failed'>

/** As many requests as so many kept connections get answered: by wrk where there is one. */
export async function closedLoad(
  connections: number,
  { stage, core, port, seconds }: LoadOptions,
): Promise<ClosedResult> {
  const wrk = locate('wrk')
  if (wrk === null)
    return (await print(stage, core, client('closed', port, connections, seconds))) as ClientResult
  const { requests, errors, p50, p99, ...took } = (await print(stage, core, [
    wrk,
    ...['-t1', `-c${connections}`, `-d${seconds}s`, '-H', `Host: ${HOST}`],
    ...['-s', join(import.meta.dirname, 'wrk.lua'), `http://127.0.0.1:${port}/`],
  ])) as Record<'requests' | 'errors' | 'seconds' | 'p50' | 'p99', number>
  return { perSecond: requests / took.seconds, failed: errors, p50, p99 }
}

function client(...args: readonly (string | number)[]): readonly string[] {
  return [process.execPath, join(import.meta.dirname, 'client.ts'), ...args.map(String)]
}

/** The last line that the client prints. */
async function print(stage: Stage, core: number | null, command: readonly string[]) {
  const child = stage.start(command, { core })
  const said = await text(child.stdout!)
  return JSON.parse(said.trim().split('\n').at(-1)!) as unknown
}
